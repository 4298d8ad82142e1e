//! AWS, read and never written: credentials, signatures, calls with patience, and what a check makes of the answers.
//!
//! The only folder that uses AWS's clients. What to ask, how a request looks and what an answer means is known to
//! `plimsoll-aws`, which sends nothing; here its requests are signed and sent. S3 and STS go by the AWS SDK's own clients.
//! Nothing is written in an account, no secret value and no object is read.

mod attempts;
mod bucket_reads;
mod caller;
mod credentials;
mod eks;
mod endpoint;
mod failure;
mod ledger;
mod limits;
mod object_store;
mod operations;
mod session;
mod trail;
mod transport;

pub use caller::{CallName, Caller};
pub use eks::{ClusterAccess, Token};
pub use endpoint::{Endpoint, Variant, partition_name};
pub use failure::{CallFailure, Cause};
pub use ledger::{CallRecord, Ledger};
pub use object_store::{Location, ObjectStore};
pub use session::{Identity, Session, Target};
pub use trail::{Trail, TrailEvent, last_writer, writer_of, writes_of};
