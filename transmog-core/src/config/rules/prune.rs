//! Removes what the rules leave out from a value that becomes JSON text, or from a record.

use super::{Reach, Rules, What};
use crate::{base::Pattern, value::Value};

impl Rules {
    /// The value at these keys without what is left out of it, which is counted. What is left out
    /// of an array leaves null.
    pub(crate) fn prune<'v>(
        &self,
        keys: &mut Vec<&'v str>,
        value: &'v Value,
        left_out: &mut u64,
    ) -> Value {
        let reach = self.reach(keys);
        match value {
            Value::Array(items) => Value::Array(
                items
                    .iter()
                    .map(|item| self.prune(keys, item, left_out))
                    .collect(),
            ),
            Value::Object(fields) => {
                let mut rest = Vec::with_capacity(fields.len());
                for (key, value) in fields {
                    keys.push(key);
                    let is_scalar = value.readable().scalar().is_some();
                    let goes = match self.reach(keys) {
                        Reach::Out => true,
                        Reach::Way => is_scalar,
                        Reach::In => false,
                    };
                    if goes {
                        *left_out += value.leaves();
                    } else {
                        rest.push((key.clone(), self.prune(keys, value, left_out)));
                    }
                    keys.pop();
                }
                rest.into_iter().collect()
            }
            Value::Faulty(faulty) => {
                let rest = self.prune(keys, &faulty.rest, left_out);
                rest.faulty(faulty.message.clone())
            }
            Value::Json(_) if reach == Reach::Way || self.excludes_below(keys) => {
                // It is too deep to be looked into.
                *left_out += 1;
                Value::Null
            }
            other if reach == Reach::Way => {
                *left_out += other.leaves();
                Value::Null
            }
            other => other.clone(),
        }
    }

    fn excludes_below(&self, keys: &[&str]) -> bool {
        let leads = |pattern: &Pattern| pattern.leads_to(keys.iter().copied()).is_some();
        self.patterns(&What::Exclude).any(leads)
    }
}
