//! Files that change.

use std::path::Path;

use super::*;

#[tokio::test]
async fn f69_a_swapped_file_is_used_after_one_look() {
    let mounted = Mounted::new("old\n");
    let credentials = mounted.credentials(&Clock::system(), None);
    let changes = credentials.changes();

    mounted.swap(b"new\n");
    credentials.reload().await;

    assert_eq!(in_use(&credentials), "new");
    assert!(changes.has_changed().unwrap());
}

#[tokio::test]
async fn f69_a_swapped_file_is_used_at_the_first_refusal() {
    let mounted = Mounted::new("old");
    let provider = Provider::knowing(["new"]);
    let credentials = mounted.credentials(&Clock::system(), None);

    mounted.swap(b"new");

    assert!(provider.flight(&credentials).await);
    assert_eq!(provider.asked(), ["old", "new"]);
}

#[tokio::test]
async fn f69_a_file_that_goes_back_to_what_it_was_is_used_again() {
    let mounted = Mounted::new("old");
    let credentials = mounted.credentials(&Clock::system(), None);
    mounted.swap(b"new");
    credentials.reload().await;

    mounted.swap(b"old");
    credentials.reload().await;

    assert_eq!(in_use(&credentials), "old");
}

#[tokio::test]
async fn a_look_that_finds_nothing_new_signals_nothing() {
    let mounted = Mounted::new("old");
    let credentials = mounted.credentials(&Clock::system(), None);
    let changes = credentials.changes();

    mounted.swap(b"old\n");
    credentials.reload().await;

    assert!(!changes.has_changed().unwrap());
}

#[tokio::test]
async fn f70_an_unusable_file_keeps_the_last_good_secret_and_counts() {
    let spoils: [fn(&Path); 6] = [
        |path| std::fs::write(path, "").unwrap(),
        |path| std::fs::write(path, "\n").unwrap(),
        |path| std::fs::write(path, b"garb\xffage").unwrap(),
        |path| std::fs::write(path, "gar\u{1b}bage").unwrap(),
        |path| std::fs::write(path, vec![b'x'; 70_000]).unwrap(),
        |path| std::fs::remove_file(path).unwrap(),
    ];
    for spoil in spoils {
        let mounted = Mounted::new("good");
        let credentials = mounted.credentials(&Clock::system(), None);

        spoil(&mounted.path("..data/secret"));
        credentials.reload().await;
        credentials.reload().await;

        assert_eq!(in_use(&credentials), "good");
        assert_eq!(credentials.reload_errors(), 2);
    }
}

#[tokio::test]
async fn f70_half_of_a_new_secret_does_no_harm() {
    let mounted = Mounted::new("old");
    let provider = Provider::knowing(["old", "new secret"]);
    let credentials = mounted.credentials(&Clock::system(), None);
    assert!(provider.flight(&credentials).await);

    mounted.swap(b"new se");
    credentials.reload().await;
    assert!(provider.flight(&credentials).await);
    mounted.swap(b"new secret");
    credentials.reload().await;

    assert!(provider.flight(&credentials).await);
    assert_eq!(provider.asked(), ["old", "new se", "old", "new secret"]);
}

#[tokio::test]
async fn f71_a_new_secret_that_is_refused_gives_way_to_the_old_one() {
    let mounted = Mounted::new("old");
    let provider = Provider::knowing(["old"]);
    let credentials = mounted.credentials(&Clock::system(), None);
    assert!(provider.flight(&credentials).await);
    mounted.swap(b"new");
    credentials.reload().await;
    provider.asked();

    assert!(provider.flight(&credentials).await);
    assert!(provider.flight(&credentials).await);

    assert_eq!(provider.asked(), ["new", "old", "old"]);
}

#[tokio::test]
async fn f71_a_new_secret_that_is_refused_gives_way_to_an_old_one_that_was_never_used() {
    let mounted = Mounted::new("old");
    let provider = Provider::knowing(["old"]);
    let credentials = mounted.credentials(&Clock::system(), None);
    mounted.swap(b"new");
    credentials.reload().await;

    assert!(provider.flight(&credentials).await);

    assert_eq!(provider.asked(), ["new", "old"]);
}

#[tokio::test]
async fn f71_a_refused_new_secret_is_tried_again_after_a_minute() {
    let clock = Clock::system();
    let mounted = Mounted::new("old");
    let provider = Provider::knowing(["old"]);
    let credentials = mounted.credentials(&clock, None);
    assert!(provider.flight(&credentials).await);
    mounted.swap(b"new");
    credentials.reload().await;
    assert!(provider.flight(&credentials).await);

    credentials.reload().await;
    assert_eq!(in_use(&credentials), "old");
    clock.advance(MINUTE);
    provider.learns(["old", "new"]);
    credentials.reload().await;

    provider.asked();
    assert!(provider.flight(&credentials).await);
    assert_eq!(provider.asked(), ["new"]);
}

#[tokio::test]
async fn f71_no_request_fails_while_the_new_secret_spreads() {
    let clock = Clock::system();
    let mounted = Mounted::new("old");
    let provider = Provider::knowing(["old"]);
    let credentials = mounted.credentials(&clock, None);
    assert!(provider.flight(&credentials).await);
    mounted.swap(b"new");

    for _ in 0..20 {
        credentials.reload().await;
        for _ in 0..3 {
            assert!(provider.flight(&credentials).await);
        }
        clock.advance(MINUTE / 2);
    }

    let asked = provider.asked();
    let tries = asked.iter().filter(|secret| *secret == "new").count();
    assert!((5..=10).contains(&tries), "{tries} in ten minutes");
}

#[tokio::test]
async fn f71_a_refused_new_secret_is_tried_at_once_when_the_old_one_ends() {
    let mounted = Mounted::new("old");
    let provider = Provider::knowing(["old"]);
    let credentials = mounted.credentials(&Clock::system(), None);
    assert!(provider.flight(&credentials).await);
    mounted.swap(b"new");
    credentials.reload().await;
    assert!(provider.flight(&credentials).await);

    provider.learns(["new"]);

    assert!(provider.flight(&credentials).await);
    assert_eq!(in_use(&credentials), "new");
}

#[tokio::test]
async fn a_late_success_of_the_old_secret_does_not_bring_it_back() {
    let mounted = Mounted::new("old");
    let credentials = mounted.credentials(&Clock::system(), None);
    let used = credentials.current();
    mounted.swap(b"new");
    credentials.reload().await;

    credentials.accepted(&used);

    assert_eq!(in_use(&credentials), "new");
}

#[tokio::test]
async fn a_rotated_first_secret_takes_over_from_the_next_one() {
    let mounted = Mounted::new("first");
    let provider = Provider::knowing(["second"]);
    let credentials = mounted.credentials(&Clock::system(), Some("second"));
    assert!(provider.flight(&credentials).await);

    mounted.swap(b"third");
    credentials.reload().await;

    assert_eq!(in_use(&credentials), "third");
}

#[tokio::test]
async fn f70_the_log_tells_of_trouble_once_and_of_its_end() {
    let log = Log::begin();
    let mounted = Mounted::new("hunter2");
    let credentials = mounted.credentials(&Clock::system(), None);

    mounted.swap(b"");
    credentials.reload().await;
    credentials.reload().await;
    mounted.swap(b"hunter2");
    credentials.reload().await;

    assert_eq!(log.count("cannot be used"), 1);
    assert_eq!(log.count("can be used again"), 1);
}
