//! Webhook events of a code host: pushes with commits, pull requests with labels and reviewers, and
//! stars. Four tables, about 150 columns, a lot of addresses, and texts in several scripts.
//!
//! In the first records everything has a value, so that tools which look at a sample see every
//! column.

use crate::json::{
    Json,
    Part::{self, N, S, X},
};

mod payload;

/// Records in which nothing is left out.
const FULL: u64 = 50;

const API: &str = "https://api.example.org";
const SITE: &str = "https://example.org";

/// The addresses that a repository has below its own.
const REPOSITORY_URLS: &[(&str, &str)] = &[
    ("events_url", "/events"),
    ("contributors_url", "/contributors"),
    ("issues_url", "/issues{/number}"),
];

/// The addresses of a user.
const USER_URLS: &[(&str, &str)] = &[("events_url", "/events{/privacy}")];

const LANGUAGES: &[&str] = &["Rust", "Python", "C", "TypeScript", "Go"];

pub(crate) fn record(json: &mut Json, number: u64) {
    json.item(|r| {
        let (user, repository) = (r.below(50_000), r.below(20_000));
        let kind = if number < FULL {
            number % 3
        } else {
            r.below(3)
        };
        r.text("id", &[N(40_000_000_000 + number)]);
        let name = ["PushEvent", "PullRequestEvent", "WatchEvent"][kind as usize];
        r.text("type", &[S(name)]);
        r.flag("public", true);
        r.time("created_at");
        let seconds = r.below(90_000) as i64;
        r.float("delay", seconds);
        actor(r, user, number);
        r.object("repository", |r| self::repository(r, repository, number));
        if number < FULL || !r.once_in(3) {
            organization(r, repository % 900);
        }
        r.object("installation", |r| {
            r.integer("id", 1_000_000 + repository);
            r.text("node_id", &[S("MDIz"), X(repository, 12)]);
        });
        match kind {
            0 => r.object("payload", |r| payload::push(r, repository, number)),
            1 => r.object("payload", |r| payload::pull_request(r, repository, number)),
            _ => r.object("payload", |r| {
                r.text("action", &[S("started")]);
                r.time("starred_at");
            }),
        }
    });
}

/// A text that is missing from some records.
fn maybe(r: &mut Json, number: u64, name: &str, parts: &[Part<'_>]) {
    if number >= FULL && r.once_in(3) {
        r.null(name);
    } else {
        r.text(name, parts);
    }
}

fn actor(r: &mut Json, user: u64, number: u64) {
    r.object("actor", |r| {
        self::user(r, user);
        maybe(r, number, "company", &[S("Größe & Söhne "), N(user % 700)]);
        r.object("profile", |r| {
            r.text("name", &[S("Zoë Nº "), N(user)]);
            r.sentence("bio", 5);
            let followers = r.below(3000);
            r.integer("followers", followers);
            r.object("geo", |r| {
                let (latitude, longitude) = (r.below(180_000), r.below(360_000));
                r.float("lat", latitude as i64 - 90_000);
                r.float("lon", longitude as i64 - 180_000);
                let zone = r.pick(&["Europe/Berlin", "Asia/Tokyo", "America/Lima"]);
                r.text("timezone", &[S(zone)]);
            });
        });
    });
}

fn short_user(r: &mut Json, user: u64) {
    r.text("login", &[S("user-"), N(user)]);
    r.integer("id", 10_000 + user);
    r.text("node_id", &[S("MDQ6"), X(user, 12)]);
    r.text(
        "avatar_url",
        &[S("https://avatars.example.org/u/"), N(user), S("?v=4")],
    );
    r.text("type", &[S("User")]);
    r.flag("site_admin", user.is_multiple_of(100));
}

fn user(r: &mut Json, user: u64) {
    short_user(r, user);
    r.text("url", &[S(API), S("/users/user-"), N(user)]);
    r.text("html_url", &[S(SITE), S("/user-"), N(user)]);
    for (name, path) in USER_URLS {
        r.text(name, &[S(API), S("/users/user-"), N(user), S(path)]);
    }
}

fn organization(r: &mut Json, id: u64) {
    r.object("organization", |r| {
        r.text("login", &[S("team-"), N(id)]);
        r.integer("id", id);
        r.text("url", &[S(API), S("/orgs/team-"), N(id)]);
        r.sentence("description", 4);
    });
}

fn repository(r: &mut Json, id: u64, number: u64) {
    let team = id % 900;
    r.integer("id", 500_000 + id);
    r.text("node_id", &[S("MDEw"), X(id, 16)]);
    r.text("name", &[S("repository-"), N(id)]);
    let path = |before, after| [before, S("team-"), N(team), S("/repository-"), N(id), after];
    r.text("full_name", &path(S(""), S("")));
    r.flag("private", false);
    r.object("owner", |r| short_user(r, team));
    r.text("html_url", &path(S("https://example.org/"), S("")));
    r.sentence("description", 8);
    r.flag("fork", id.is_multiple_of(5));
    let api = S("https://api.example.org/repos/");
    r.text("url", &path(api, S("")));
    for (name, end) in REPOSITORY_URLS {
        r.text(name, &path(api, S(end)));
    }
    for name in ["created_at", "updated_at", "pushed_at"] {
        r.time(name);
    }
    maybe(
        r,
        number,
        "homepage",
        &[S("https://project-"), N(id), S(".example.net")],
    );
    let language = r.pick(LANGUAGES);
    maybe(r, number, "language", &[S(language)]);
    for name in [
        "size",
        "stargazers_count",
        "watchers_count",
        "forks_count",
        "open_issues_count",
    ] {
        let count = r.below(5000);
        r.integer(name, count);
    }
    for (bit, name) in (0..).zip([
        "has_issues",
        "has_projects",
        "has_wiki",
        "archived",
        "disabled",
    ]) {
        r.flag(name, id >> bit & 1 == 1);
    }
    if number < FULL || !r.once_in(4) {
        r.object("license", |r| {
            r.text("key", &[S("apache-2.0")]);
            r.text("name", &[S("Apache License 2.0")]);
            r.text("spdx_id", &[S("Apache-2.0")]);
        });
    } else {
        r.null("license");
    }
    r.text("default_branch", &[S("main")]);
    let share = r.below(1000) as i64;
    r.float("coverage", share);
}
