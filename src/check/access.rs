//! How the clusters of an environment are reached: by a kubeconfig, or as EKS clusters by their names.
//!
//! An EKS cluster of another account than the environment's is not opened: it would be another cluster of the same name.

use tokio::time::{Instant, timeout_at};

use super::run::CheckRequest;
use crate::config::environment::Environment;
use crate::live::aws::{Caller, Session, Target};
use crate::live::kube::{Access, Cause, Connection, Failure, Token};

/// Opens a cluster of the environment; nothing is read of it after the deadline.
pub async fn connect(
    environment: &Environment,
    cluster: &str,
    request: &CheckRequest,
    deadline: Instant,
) -> Result<Connection, Failure> {
    let opened = async {
        let access = access(environment, cluster, deadline).await?;
        Connection::open(&access, request.plugins, request.concurrency, deadline).await
    };
    let late =
        |_| Failure::new(Cause::Timeout, "the time of the check was over before the cluster was opened");
    timeout_at(deadline, opened).await.map_err(late)?
}

async fn access(environment: &Environment, cluster: &str, deadline: Instant) -> Result<Access, Failure> {
    let unknown = || Failure::new(Cause::NoAccess, format!("the environment has no cluster `{cluster}`"));
    let declared = environment.spec.clusters.get(cluster).ok_or_else(unknown)?;
    let Some(eks) = &declared.eks else {
        return Ok(Access::Kubeconfig {
            path: declared.kubeconfig.clone(),
            context: declared.context.clone(),
        });
    };
    let Some(aws) = &environment.spec.aws else {
        return Err(Failure::new(Cause::NoAccess, "an EKS cluster needs the environment's `aws`"));
    };
    let target = Target {
        region: aws.region.clone(),
        role_arn: aws.role_arn.clone(),
        endpoint_url: aws.endpoint_url.clone(),
    };
    let name = &eks.name;
    let failed = |what: &str, code: &str| Failure::new(Cause::NoAccess, format!("{what}: {code}"));
    let session =
        Session::open(&target).await.map_err(|error| failed("credentials for AWS", error.code()))?;
    let caller = Caller::new(session, 1, deadline);
    let described = format!("eks:DescribeCluster of `{name}` in {}", aws.region);
    let found = caller.cluster_access(name).await.map_err(|error| failed(&described, error.code()))?;
    if let Some(account) = found.account.filter(|account| *account != aws.account_id) {
        let other = format!("the cluster `{name}` is of account {account}, and not of {}", aws.account_id);
        return Err(Failure::new(Cause::NoAccess, other));
    }
    let token = caller
        .session()
        .cluster_token(name)
        .await
        .map_err(|error| failed("a token for EKS", error.code()))?;
    Ok(Access::Direct {
        endpoint: found.endpoint,
        certificate_authority: found.certificate_authority,
        token: Token(token.secret),
    })
}
