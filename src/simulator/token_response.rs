//! `TokenResponse` and `UserInfo` (facts 4.1): what a sign-in, a refresh and a validation answer with.
//!
//! `expireTime` counts seconds and `createTime` milliseconds: so it is documented. The user's `numberHA1`, `password`
//! and `paidPassword` hold recognisable nonsense, so that a leak shows.

use serde_json::{Value, json};

use super::tokens::Grant;

/// The answer that tells of `grant`; `now` is seconds since 1970.
pub(super) fn token_response(grant: &Grant, now: i64) -> Value {
    json!({
        "accessToken": grant.access,
        "tokenIp": "127.0.0.1",
        "validPeriod": grant.expires.saturating_sub(now),
        "expireTime": grant.expires,
        "createTime": grant.created,
        "user": user(grant),
        "clientType": grant.holder.client_type,
        "forceLoginInd": 0,
        "firstLogin": false,
        "pwdExpired": false,
        "daysPwdAvailable": -1,
        "proxyToken": null,
        "delayDelete": false,
        "tokenType": 0,
        "refreshToken": grant.refresh,
        "refreshValidPeriod": grant.refresh_expires.saturating_sub(now),
        "refreshExpireTime": grant.refresh_expires,
        "refreshCreateTime": grant.created,
    })
}

/// The user of `grant`; without a `userId` that is the enterprise's default administrator.
fn user(grant: &Grant) -> Value {
    let name = &grant.holder.user_id;
    let administrator = name.is_empty();
    let account = if administrator { "admin" } else { name };
    json!({
        "userId": user_uuid(name),
        "ucloginAccount": account,
        "serviceAccount": format!("sip:{account}@simulator.invalid"),
        "numberHA1": "simulated-number-ha1",
        "companyId": if grant.holder.corp_id.is_empty() { "807074304" } else { &grant.holder.corp_id },
        "companyDomain": "simulator.invalid",
        "realm": "simulator.invalid",
        "userType": 2,
        "adminType": if administrator { 0 } else { 2 },
        "name": account,
        "nameEn": account,
        "isBindPhone": null,
        "freeUser": false,
        "thirdAccount": name,
        "password": "simulated-password",
        "paidPassword": "simulated-paid-password",
        "status": 0,
    })
}

/// The service's own id of a user: 32 hex digits, the same each time (FNV-1a, which is no secret).
pub(super) fn user_uuid(name: &str) -> String {
    let fold = |hash: u128, byte: u8| {
        (hash ^ u128::from(byte)).wrapping_mul(0x0100_0000_0000_0000_0000_013b)
    };
    let hash = name
        .bytes()
        .fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, fold);
    format!("{hash:032x}")
}

#[cfg(test)]
mod tests {
    use super::super::tokens::Holder;
    use super::*;

    fn grant(user_id: &str) -> Grant {
        let holder = Holder {
            corp_id: String::new(),
            user_id: user_id.to_owned(),
            client_type: 72,
        };
        Grant {
            access: "cnrA".to_owned(),
            refresh: "cnrR".to_owned(),
            holder,
            created: 1_700_000_000_123,
            expires: 1_700_056_326,
            refresh_expires: 1_702_592_000,
        }
    }

    #[test]
    fn units_are_the_documented_ones() {
        let told = token_response(&grant("alice"), 1_700_000_000);
        assert_eq!(told["validPeriod"], 56_326);
        assert_eq!(told["expireTime"], 1_700_056_326);
        assert_eq!(told["createTime"], 1_700_000_000_123_i64);
        assert_eq!(told["refreshValidPeriod"], 2_592_000);
    }

    #[test]
    fn nobody_is_the_administrator() {
        let nobody = token_response(&grant(""), 0);
        assert_eq!(nobody["user"]["adminType"], 0);
        let alice = token_response(&grant("alice"), 0);
        assert_eq!(alice["user"]["adminType"], 2);
        assert_eq!(alice["user"]["thirdAccount"], "alice");
        assert_ne!(alice["user"]["userId"], nobody["user"]["userId"]);
    }
}
