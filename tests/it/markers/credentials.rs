//! Credentials that open and that do not, and certificates.

use super::configuration::Credentials;
use super::outlet::Outlet;
use super::process::exchange_over;
use super::talk::{Talk, status, wire};
use crate::support::authority::Authority;

impl Talk<'_> {
    /// Credentials that open, and that do not.
    pub(super) async fn credentials(&self) {
        let ask = |name: &'static str, value: String| async move {
            let request = wire(
                "GET",
                "/v1/mmc/management/conferences",
                &[(name, &value)],
                b"",
            );
            status(&self.send(Outlet::Narrow, &request).await)
        };
        let Credentials {
            narrow,
            jwt,
            expired_jwt,
            ..
        } = self.credentials;
        assert_eq!(ask("x-api-key", narrow.clone()).await, 200);
        assert_eq!(ask("authorization", format!("Bearer {narrow}")).await, 200);
        assert_eq!(ask("authorization", format!("Bearer {jwt}")).await, 200);
        assert_eq!(
            ask("authorization", format!("Bearer {expired_jwt}")).await,
            401
        );
        let (rest, _) = jwt.rsplit_once('.').unwrap();
        assert_eq!(
            ask("authorization", format!("Bearer {rest}.AAAA")).await,
            401
        );
        for (name, before) in [
            ("x-access-token", ""),
            ("x-api-key", "mgw1."),
            ("authorization", "Bearer "),
            ("authorization", "Basic "),
        ] {
            let wrong = self.mark(&format!("credential/a wrong one in {name} ({before})"));
            assert_eq!(ask(name, format!("{before}{wrong}")).await, 401);
        }
        let wrong = self.mark("credential/one of two");
        let two = [("x-access-token", &**narrow), ("x-api-key", &wrong)];
        self.send(
            Outlet::Narrow,
            &wire("GET", "/v1/mmc/management/conferences", &two, b""),
        )
        .await;
    }

    /// Callers with certificates, one of which is known.
    pub(super) async fn certificates(&self) {
        let places = self.markers.places();
        let known = places
            .iter()
            .rposition(|place| place == "certificate/name of a caller")
            .unwrap();
        let known = format!("zqm{known:04}k.corp.example");
        let request = wire("GET", "/v1/mmc/management/conferences", &[], b"");
        for (name, expected) in [
            (known, 200),
            (self.mark("certificate/unknown name") + ".corp.example", 401),
        ] {
            let names = vec![
                rcgen::SanType::DnsName(rcgen::string::Ia5String::try_from(name).unwrap()),
                rcgen::SanType::Rfc822Name(
                    rcgen::string::Ia5String::try_from(
                        self.mark("certificate/e-mail") + "@corp.example",
                    )
                    .unwrap(),
                ),
            ];
            let shown = self
                .authority
                .client(&self.mark("certificate/subject"), names, (7, 2099));
            let socket = tokio::net::TcpStream::connect(self.process.secured)
                .await
                .unwrap();
            let io = self
                .authority
                .connect(socket, Some(shown), &["http/1.1"])
                .await
                .unwrap();
            let answer = exchange_over(io, &request).await;
            assert_eq!(status(&answer), expected);
            self.departed.note(Outlet::Narrow, answer);
        }
        let stranger = Authority::new(&self.mark("certificate/unknown authority"));
        let shown = stranger.client(
            &self.mark("certificate/subject of a stranger"),
            Vec::new(),
            (8, 2099),
        );
        let socket = tokio::net::TcpStream::connect(self.process.secured)
            .await
            .unwrap();
        if let Ok(io) = self
            .authority
            .connect(socket, Some(shown), &["http/1.1"])
            .await
        {
            self.departed
                .note(Outlet::Narrow, exchange_over(io, &request).await);
        }
    }
}
