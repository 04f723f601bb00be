use super::*;
use crate::client_auth::{
    CredentialKind, CredentialSource, CredentialTexts, Origin, Part, SecretMethod,
};
use crate::secret::Secret;

fn source(variable: &'static str, secret: &str) -> CredentialSource {
    let origin = Origin::Variable(secret.to_owned().into());
    let kind = CredentialKind::ClientSecret(SecretMethod::Post);
    let main = Part { variable, origin };
    let key = None;
    CredentialSource::load(CredentialTexts { kind, main, key }).unwrap()
}

fn roster(first: CredentialSource, next: Option<CredentialSource>) -> Roster {
    let next = Vec::from_iter(next);
    Roster::new(&CredentialSources { first, next })
}

fn secret(text: &str) -> ClientAuth {
    ClientAuth::ClientSecret(Secret::from(text.to_owned()), SecretMethod::Post)
}

fn text(credential: &Credential) -> &str {
    match credential.auth() {
        ClientAuth::ClientSecret(secret, _) => secret.expose(),
        other => panic!("{other:?}"),
    }
}

fn moment(minutes: u32) -> Moment {
    Moment::at(Duration::from_secs(60).saturating_mul(minutes))
}

fn known(roster: &Roster) -> Vec<&str> {
    let credentials = roster.known.iter().map(|known| &known.credential);
    credentials.map(|one| text(one)).collect()
}

#[test]
fn many_changes_do_not_pile_up() {
    let mut roster = roster(source("CURRENT_FILE", "start"), None);

    for number in 0..100 {
        roster.update(0, secret(&format!("secret {number}")), moment(number));
    }

    assert_eq!(known(&roster), ["start", "secret 99"]);
}

#[test]
fn a_replaced_secret_is_forgotten_an_hour_after_the_new_one_is_accepted() {
    let mut roster = roster(source("CURRENT_FILE", "old"), None);
    roster.accept(&roster.current(), moment(0));
    roster.update(0, secret("new"), moment(1));
    roster.accept(&roster.current(), moment(2));

    roster.reconsider(moment(61));
    assert_eq!(known(&roster), ["old", "new"]);
    roster.reconsider(moment(62));

    assert_eq!(known(&roster), ["new"]);
}

#[test]
fn a_next_secret_that_moves_up_stays_in_use() {
    let mut roster = roster(source("FIRST_FILE", "a"), Some(source("NEXT_FILE", "b")));
    let next = roster.candidate(&roster.current()).unwrap();
    roster.adopt(&next);

    roster.update(0, secret("b"), moment(0));
    roster.update(1, secret("c"), moment(0));

    assert_eq!(text(&roster.current()), "b");
    assert_eq!(roster.current().variable(), "FIRST_FILE");
}

#[test]
fn a_change_of_the_next_secret_waits_for_its_turn() {
    let mut roster = roster(source("FIRST_FILE", "a"), Some(source("NEXT_FILE", "b")));

    roster.update(1, secret("c"), moment(0));

    assert_eq!(text(&roster.current()), "a");
    let candidate = roster.candidate(&roster.current()).unwrap();
    assert_eq!(text(&candidate), "c");
}

#[test]
fn the_longest_refused_is_tried_first() {
    let mut roster = roster(source("FIRST_FILE", "a"), Some(source("NEXT_FILE", "b")));
    let a = roster.current();
    let b = roster.candidate(&a).unwrap();
    roster.update(0, secret("c"), moment(0));
    let c = roster.current();
    for refused in [&b, &a] {
        roster.refuse(refused, moment(1).after(Duration::ZERO));
    }

    assert!(roster.candidate(&c).unwrap().is_same_as(&b));
}

#[test]
fn the_same_secret_twice_is_one() {
    let roster = roster(source("FIRST", "a"), Some(source("NEXT", "a")));

    assert!(roster.candidate(&roster.current()).is_none());
}

#[test]
fn news_are_told_once() {
    let mut roster = roster(source("FIRST", "a"), None);
    let a = roster.current();
    let again = moment(1).after(Duration::ZERO);

    assert!(roster.accept(&a, moment(0)));
    assert!(!roster.accept(&a, moment(0)));
    assert!(roster.refuse(&a, again));
    assert!(!roster.refuse(&a, again));
}
