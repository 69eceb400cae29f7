//! meeting-gateway: the policy gateway in front of the Huawei Cloud Meeting REST API.

pub mod model;
pub mod config;
pub mod contract;
pub mod policy;
pub mod runtime;
pub mod stages;
pub mod simulator;
pub mod stack;
pub mod admin;
pub mod gateway;
pub mod cli;
