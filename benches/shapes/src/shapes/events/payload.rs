//! What happened: commits that were pushed, or a pull request.

use super::{API, FULL, maybe, short_user, user};
use crate::json::{
    Json,
    Part::{N, S, X},
};

/// Labels: name, colour, description.
const LABELS: &[[&str; 3]] = &[
    ["bug", "d73a4a", "Something is not as it should be"],
    ["help wanted", "008672", "Everybody is welcome"],
    ["документация", "0075ca", "Words, not code"],
    ["performance", "a2eeef", "Slower than it could be"],
];

pub(super) fn push(r: &mut Json, repository: u64, number: u64) {
    let commits = if number < FULL { 2 } else { r.below(5) };
    r.integer("push_id", 9_000_000_000 + number);
    r.integer("size", commits);
    r.text("ref", &[S("refs/heads/main")]);
    for name in ["head", "before"] {
        let sha = r.below(u64::MAX);
        r.text(name, &[X(sha, 40)]);
    }
    r.array("commits", commits, |r, item| {
        r.item(|r| {
            let (sha, author) = (r.below(u64::MAX), r.below(50_000));
            r.text("sha", &[X(sha, 40)]);
            r.sentence("message", 12);
            r.flag("distinct", item == 0);
            r.text(
                "url",
                &[
                    S(API),
                    S("/repositories/"),
                    N(repository),
                    S("/commits/"),
                    X(sha, 40),
                ],
            );
            r.time("timestamp");
            for name in ["additions", "deletions"] {
                let lines = r.below(900);
                r.integer(name, lines);
            }
            r.object("author", |r| {
                r.text("name", &[S("Jürgen "), N(author)]);
                r.text("email", &[S("user-"), N(author), S("@example.org")]);
            });
        });
    });
}

pub(super) fn pull_request(r: &mut Json, repository: u64, number: u64) {
    r.text("action", &[S("opened")]);
    r.integer("number", number % 9000);
    r.object("pull_request", |r| {
        let [id, author] = [r.below(1 << 34), r.below(50_000)];
        r.integer("id", id);
        r.text(
            "url",
            &[
                S(API),
                S("/repositories/"),
                N(repository),
                S("/pulls/"),
                N(id),
            ],
        );
        r.text("state", &[S("open")]);
        r.flag("locked", false);
        r.sentence("title", 7);
        let words = r.below(40) as usize + 5;
        r.sentence("body", words);
        r.object("user", |r| user(r, author));
        for name in ["created_at", "updated_at"] {
            r.time(name);
        }
        if number < FULL || r.once_in(2) {
            r.time("merged_at");
        } else {
            r.null("merged_at");
        }
        let sha = r.below(u64::MAX);
        maybe(r, number, "merge_commit_sha", &[X(sha, 40)]);
        r.flag("draft", id % 5 == 0);
        for name in ["head", "base"] {
            r.object(name, |r| {
                let sha = r.below(u64::MAX);
                r.text(
                    "label",
                    &[S("user-"), N(author), S(":branch-"), N(id % 500)],
                );
                r.text("ref", &[S("branch-"), N(id % 500)]);
                r.text("sha", &[X(sha, 40)]);
            });
        }
        counts(r);
        let labels = if number < FULL { 2 } else { r.below(4) };
        r.array("labels", labels, |r, _| {
            r.item(|r| {
                let [name, color, description] = r.pick(LABELS);
                r.integer("id", 208_045_946 + repository);
                r.text(
                    "url",
                    &[
                        S(API),
                        S("/repositories/"),
                        N(repository),
                        S("/labels/"),
                        S(name),
                    ],
                );
                r.text("name", &[S(name)]);
                r.text("color", &[S(color)]);
                r.flag("default", color == "d73a4a");
                r.text("description", &[S(description)]);
            });
        });
        let reviewers = if number < FULL { 1 } else { r.below(3) };
        r.array("requested_reviewers", reviewers, |r, _| {
            let reviewer = r.below(50_000);
            r.item(|r| short_user(r, reviewer));
        });
    });
}

fn counts(r: &mut Json) {
    for name in [
        "comments",
        "review_comments",
        "commits",
        "additions",
        "deletions",
        "changed_files",
    ] {
        let count = r.below(300);
        r.integer(name, count);
    }
    let risk = r.below(1000) as i64;
    r.float("risk", risk);
}
