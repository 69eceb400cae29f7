//! meeting-gateway: the policy gateway in front of the Huawei Cloud Meeting REST API.

pub mod model;
