//! Functions on network addresses, named as in Kubernetes' library.

use std::net::IpAddr;

use super::super::budget::Budget;
use super::super::failure::Failure;
use super::super::value::Value;
use super::{Function, Outcome, Run, Sort, Work, along_first, argument, one_step, text_of};
use crate::model::cidr::Cidr;

const fn function(
    name: &'static str,
    receiver: Option<Sort>,
    parameters: &'static [Sort],
    (result, outcome): (Sort, Outcome),
    run: Run,
    doc: &'static str,
    example: &'static str,
) -> Function {
    let work = if matches!(parameters, [Sort::Text]) && receiver.is_none() {
        Work::Plain(run, along_first)
    } else {
        Work::Plain(run, one_step)
    };
    Function {
        name,
        receiver,
        parameters,
        result,
        outcome,
        work,
        doc,
        example,
    }
}

const BOOL: (Sort, Outcome) = (Sort::Bool, Outcome::Any);

#[rustfmt::skip]
pub(super) const FUNCTIONS: &[Function] = &[
    function("ip", None, &[Sort::Text], (Sort::Ip, Outcome::Any), ip,
        "The address that a text spells; fails where it spells none.",
        r#"has(caller.address) && caller.address == ip("10.1.2.3")"#),
    function("cidr", None, &[Sort::Text], (Sort::Cidr, Outcome::Any), cidr,
        "A range of addresses; fails where the text spells none.",
        r#"has(caller.address) && !cidr("10.0.0.0/8").containsIP(caller.address)"#),
    function("containsIP", Some(Sort::Cidr), &[Sort::Ip], BOOL, contains,
        "Whether the address is in the range.",
        r#"has(caller.address) && cidr("2001:db8::/32").containsIP(caller.address)"#),
    function("isLoopback", Some(Sort::Ip), &[], BOOL, is_loopback,
        "Whether it is an address of the own machine.",
        "has(caller.address) && caller.address.isLoopback()"),
    function("family", Some(Sort::Ip), &[], (Sort::Int, Outcome::Within(4, 6)), family,
        "4 or 6.", "has(caller.address) && caller.address.family() == 6"),
];

fn ip<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    let address = text_of(arguments, 0)?.parse::<IpAddr>();
    address
        .map(|address| Value::Ip(address.to_canonical()))
        .map_err(|_| Failure::NotReadable("an address like 10.1.2.3"))
}

fn cidr<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    Cidr::parse(text_of(arguments, 0)?)
        .map(Value::Cidr)
        .ok_or(Failure::NotReadable("a range of addresses like 10.0.0.0/8"))
}

fn address(arguments: &[Value<'_>], index: usize) -> Result<IpAddr, Failure> {
    match argument(arguments, index)? {
        Value::Ip(address) => Ok(*address),
        _ => Err(Failure::NotOfType("ip")),
    }
}

fn contains<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    match argument(arguments, 0)? {
        Value::Cidr(range) => Ok(Value::Bool(range.contains(address(arguments, 1)?))),
        _ => Err(Failure::NotOfType("cidr")),
    }
}

fn is_loopback<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    Ok(Value::Bool(address(arguments, 0)?.is_loopback()))
}

fn family<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    let v4 = address(arguments, 0)?.is_ipv4();
    Ok(Value::Int(if v4 { 4 } else { 6 }))
}
