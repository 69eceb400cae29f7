//! Known names with their numbers, to be looked up for every member of every body: by length and three letters instead of a hash of
//! the whole name. Who sends names cannot make it slow: the known ones are ours, and so is the longest search.

/// Stands where no name is.
const FREE: u16 = u16::MAX;

/// Names in the order in which they were put in.
#[derive(Debug, Default)]
pub(super) struct NameTable {
    names: Vec<Box<str>>,
    /// A power of two of them, at least half of them free; whoever finds its place taken takes the next.
    slots: Box<[u16]>,
}

impl NameTable {
    /// The number of a name, from 0.
    #[inline]
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let mut at = mark(name);
        loop {
            let number = usize::from(*self.slots.get(at & self.slots.len().wrapping_sub(1))?);
            // Behind the last name is what is free.
            if **self.names.get(number)? == *name {
                return Some(number);
            }
            at = at.wrapping_add(1);
        }
    }

    /// The number of a name that is there now.
    pub(super) fn put(&mut self, name: &str) -> usize {
        if let Some(known) = self.find(name) {
            return known;
        }
        let number = self.names.len();
        self.names.push(name.into());
        self.slots = vec![FREE; (2 * self.names.len()).next_power_of_two()].into();
        for (number, name) in self.names.iter().enumerate() {
            let mut at = mark(name);
            let last = self.slots.len() - 1;
            while self.slots.get(at & last).is_some_and(|slot| *slot != FREE) {
                at += 1;
            }
            if let Some(slot) = self.slots.get_mut(at & last) {
                *slot = u16::try_from(number).unwrap_or(FREE);
            }
        }
        number
    }

    /// The name of a number.
    pub(super) fn name(&self, number: usize) -> Option<&str> {
        self.names.get(number).map(|name| &**name)
    }

    /// The names, in their order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }
}

/// Where the search for a name begins.
#[inline]
fn mark(name: &str) -> usize {
    let bytes = name.as_bytes();
    let byte = |at: usize| u32::from(bytes.get(at).copied().unwrap_or_default());
    let last = bytes.len().wrapping_sub(1);
    let length = u32::try_from(bytes.len() & 0xff).unwrap_or_default();
    let word = length | byte(0) << 8 | byte(bytes.len() / 2) << 16 | byte(last) << 24;
    // Fibonacci hashing: the upper bits of the product depend on all of them.
    (word.wrapping_mul(0x9e37_79b1) >> 20) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_its_number_and_no_other_has_one() {
        let mut table = NameTable::default();
        assert_eq!(table.find("a"), None);
        // The same length, first, middle and last letter among them.
        let names: Vec<_> = (0..300)
            .map(|n| format!("a{n:03}x{n}z"))
            .chain([String::new(), "length".into(), "ｌength".into()])
            .collect();
        for (number, name) in names.iter().enumerate() {
            assert_eq!(table.put(name), number);
            assert_eq!(table.put(name), number, "{name} again");
        }
        for (number, name) in names.iter().enumerate() {
            assert_eq!(table.find(name), Some(number));
        }
        for unknown in ["lengtH", "lengthh", "a", "a000y0z"] {
            assert_eq!(table.find(unknown), None, "{unknown}");
        }
        assert!(table.names().eq(names.iter().map(String::as_str)));
    }
}
