//! A second gateway of the configuration in force, with a simulator in the upstream's place: where the console's API explorer sends
//! requests that must reach nobody. It is not listened for anywhere; whoever has it calls it.
//!
//! What its requests do is counted nowhere and logged nowhere, it asks no store, and nothing of it is sent to a collector. Quotas are
//! its own. It is made when it is first asked, and made anew for each snapshot that comes into force, of the packs as they are on the
//! disk then; the simulator, and the meetings in it, stay.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::assembly::Assembly;
use super::inner_door::InnerDoor;
use crate::config::Config;
use crate::config::audit::AuditOutput;
use crate::config::callers::KeyHash;
use crate::config::upstream::{AppId, Credentials};
use crate::model::clock::SharedClock;
use crate::model::header::ACCESS_TOKEN;
use crate::model::principal::UpstreamUser;
use crate::model::secret::Secret;
use crate::runtime::audit_log::AuditLog;
use crate::simulator::{DEMO_APP_ID, DEMO_APP_KEY, Settings, Simulator};
use crate::stack;
use crate::stages::accept::{Connections, Informed, Limits};

/// Bytes of randomness in the keys that it knows its callers by.
const KEY_BYTES: usize = 32;

/// The second gateway. Clones are handles on the same one.
#[derive(Clone)]
pub(super) struct Simulated(Arc<Inner>);

struct Inner {
    clock: SharedClock,
    /// Opens the second gateway and no other; a caller's key is this and its place. None where the system had no randomness.
    secret: Option<String>,
    simulator: tokio::sync::OnceCell<Uri>,
    /// The door of the gateway, and the number of the snapshot that it was made for.
    made: Mutex<Option<(u64, InnerDoor)>>,
}

impl Simulated {
    /// Nothing is made yet.
    pub(super) fn new(clock: SharedClock) -> Self {
        let mut bits = [0; KEY_BYTES];
        let secret = getrandom::fill(&mut bits).map(|()| data_encoding::HEXLOWER.encode(&bits));
        Self(Arc::new(Inner {
            clock,
            secret: secret.ok(),
            simulator: tokio::sync::OnceCell::new(),
            made: Mutex::default(),
        }))
    }

    /// Sends a request as a caller, to the gateway of the configuration that is in force with the snapshot of this number.
    pub(super) async fn send(
        self,
        config: Arc<Config>,
        number: u64,
        caller: String,
        mut request: Request<Bytes>,
    ) -> Result<Response<Bytes>, String> {
        if config.callers.is_empty() {
            return Err("the configuration has no callers, so there is nobody to send it as: add one under `callers`".to_owned());
        }
        let mut callers = config.callers.iter();
        let place = callers.position(|known| *known.caller.id == *caller);
        let place = place
            .ok_or_else(|| format!("there is no caller `{caller}`: choose one of the list"))?;
        let key = HeaderValue::try_from(self.key(place)?).map_err(|fault| fault.to_string())?;
        request.headers_mut().insert(ACCESS_TOKEN, key);
        let upstream = self
            .0
            .simulator
            .get_or_try_init(|| self.simulator())
            .await?;
        self.of(&config, number, upstream)?.send(request).await
    }

    /// The gateway of a configuration.
    fn of(&self, config: &Config, number: u64, upstream: &Uri) -> Result<InnerDoor, String> {
        let mut made = self.0.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, door)) = &*made
            && *known == number
        {
            return Ok(door.clone());
        }
        let config = self.harmless(config, upstream)?;
        let audit = Some(Arc::new(AuditLog::none()));
        let assembly = Assembly::new(&config, Arc::clone(&self.0.clock), audit)
            .map_err(|fault| format!("the second gateway cannot be made: {fault}"))?;
        let stack = Informed(stack::gateway(&assembly.parts, assembly.upstream));
        let stop = CancellationToken::new();
        let door = InnerDoor::to(Connections::new(None, stack, Limits::default(), stop));
        *made = Some((number, door.clone()));
        Ok(door)
    }

    /// The same configuration, cut off from everything outside.
    fn harmless(&self, config: &Config, upstream: &Uri) -> Result<Config, String> {
        let mut config = config.clone();
        config.upstream.url = upstream.clone();
        config.upstream.ca_file = None;
        config.upstream.http2 = false;
        config.upstream.credentials = Credentials::AppId(AppId {
            app_id: DEMO_APP_ID.to_owned(),
            app_key: Secret::from(DEMO_APP_KEY.to_owned()),
            corp_id: None,
        });
        config.store = None;
        config.telemetry.otlp.enabled = false;
        config.audit.output = AuditOutput::None;
        config.audit.otlp = false;
        config.jwt.issuers = Vec::new();
        config.admin.console.enabled = false;
        for (place, caller) in config.callers.iter_mut().enumerate() {
            caller.api_keys = vec![KeyHash::of(&self.key(place)?)];
            caller.app_ids = Vec::new();
            caller.certificates = Vec::new();
            caller.jwt = Vec::new();
            let known = Arc::make_mut(&mut caller.caller);
            if known.upstream_user == UpstreamUser::SignedIn {
                // Nobody signs in here, so it acts as somebody of the simulator's.
                known.upstream_user = UpstreamUser::Fixed("simulated".into());
            }
        }
        Ok(config)
    }

    fn key(&self, place: usize) -> Result<String, String> {
        let secret = self
            .0
            .secret
            .as_ref()
            .ok_or("there is no randomness to make a key of")?;
        Ok(format!("simulated-{secret}-{place}"))
    }

    /// Starts the simulator, on a free port of this machine.
    async fn simulator(&self) -> Result<Uri, String> {
        let told = |fault: std::io::Error| format!("the simulator cannot listen: {fault}");
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(told)?;
        let address = listener.local_addr().map_err(told)?;
        let simulator = Simulator::new(Settings::default(), Arc::clone(&self.0.clock));
        tokio::spawn(simulator.serve(listener, std::future::pending()));
        format!("http://{address}")
            .parse()
            .map_err(|_| "the simulator has no address".to_owned())
    }
}

impl fmt::Debug for Simulated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulated").finish_non_exhaustive()
    }
}
