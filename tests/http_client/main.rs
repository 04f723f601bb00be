//! The HTTP client against peers on real loopback sockets that misbehave in every way a provider can.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod proxies;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tls;
