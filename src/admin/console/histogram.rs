//! Counts by size, and the sizes below which a part of them lies.

/// Counts below some bounds, and all in all.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Histogram {
    /// Upper bounds, ascending, and how many are at most as large.
    buckets: Vec<(f64, u64)>,
    count: u64,
}

impl Histogram {
    /// Adds another one with the same bounds, from its buckets and its count.
    pub(super) fn add(&mut self, buckets: impl Iterator<Item = (f64, u64)>, count: u64) {
        let buckets = buckets.filter(|(bound, _)| bound.is_finite());
        if self.buckets.is_empty() {
            self.buckets = buckets.collect();
        } else {
            for (sum, (_, more)) in self.buckets.iter_mut().zip(buckets) {
                sum.1 += more;
            }
        }
        self.count += count;
    }

    /// What was added since an earlier one.
    pub(super) fn since(&self, before: &Self) -> Self {
        let earlier = |index: usize| before.buckets.get(index).map_or(0, |(_, count)| *count);
        let buckets = self.buckets.iter().enumerate();
        Self {
            buckets: buckets
                .map(|(index, (bound, count))| (*bound, count.saturating_sub(earlier(index))))
                .collect(),
            count: self.count.saturating_sub(before.count),
        }
    }

    /// The size below which this part of all lies, as between the bounds around it as the rank between their counts; of what lies beyond
    /// the last bound nobody knows more than that: it is told as that bound. None where there is nothing.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a count of requests is far below 2^52"
    )]
    pub(super) fn quantile(&self, part: f64) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        let rank = part * self.count as f64;
        let (mut below, mut lower) = (0.0, 0.0);
        for (bound, count) in &self.buckets {
            let count = *count as f64;
            if count >= rank && count > below {
                let share = (rank - below) / (count - below);
                return Some(lower + (bound - lower) * share.max(0.0));
            }
            (below, lower) = (count, *bound);
        }
        Some(lower)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(buckets: &[(f64, u64)], count: u64) -> Histogram {
        let mut histogram = Histogram::default();
        histogram.add(buckets.iter().copied(), count);
        histogram
    }

    #[test]
    fn a_quantile_lies_between_the_bounds_around_it() {
        let histogram = of(&[(1.0, 50), (2.0, 100), (f64::INFINITY, 100)], 100);
        assert_eq!(histogram.quantile(0.5), Some(1.0));
        assert_eq!(histogram.quantile(0.75), Some(1.5));
        assert_eq!(of(&[(1.0, 0), (2.0, 0)], 3).quantile(0.99), Some(2.0));
        assert_eq!(of(&[(1.0, 0)], 0).quantile(0.5), None);
        assert_eq!(Histogram::default().quantile(0.5), None);
    }

    #[test]
    fn series_are_added_up_and_what_was_before_is_taken_off() {
        let mut sum = of(&[(1.0, 5), (2.0, 9)], 10);
        sum.add([(1.0, 5), (2.0, 11)].into_iter(), 20);
        assert_eq!(sum, of(&[(1.0, 10), (2.0, 20)], 30));
        let since = sum.since(&of(&[(1.0, 10), (2.0, 10)], 11));
        assert_eq!(since, of(&[(1.0, 0), (2.0, 10)], 19));
        assert_eq!(sum.since(&Histogram::default()), sum);
    }
}
