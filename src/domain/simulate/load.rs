//! A crowd by its load: requests at a steady rate from one instant to another, each at a random moment.

use std::time::Duration;

use super::crowd::{Arrival, exponential};
use super::scenario::Cohort;
use crate::domain::policy::task::Task;
use crate::domain::role::{PerRole, Role};
use crate::domain::time::Timestamp;

/// A steady crowd.
#[derive(Clone, PartialEq, Debug)]
pub struct Load {
    /// The first request may come now.
    pub from: Timestamp,
    /// None comes any more.
    pub until: Timestamp,
    /// Requests an hour, on average; more than 0.
    pub per_hour: f64,
    /// No more than this many.
    pub most: u64,
    /// The share of each role, of which the sum is 1.
    pub shares: PerRole<f64>,
    /// What all of them ask for; none: mostly chats, as in the standard crowd.
    pub task: Option<Task>,
}

impl Load {
    /// The shares of requests in the standard crowd.
    pub fn standard_shares() -> PerRole<f64> {
        let cohorts = Cohort::standard();
        let all: f64 = cohorts.iter().map(|cohort| f64::from(cohort.users) * cohort.mean).sum();
        let mut shares = PerRole([0.0; 5]);
        for cohort in cohorts {
            shares[cohort.role] += f64::from(cohort.users) * cohort.mean / all;
        }
        shares
    }

    /// How many people of each role it takes, if each writes as often as one of the standard crowd; caps are per
    /// person. At least one of every role that comes.
    pub fn users(&self) -> PerRole<u32> {
        let mut users = PerRole([0; 5]);
        for Cohort { role, mean, .. } in Cohort::standard() {
            if self.shares[role] > 0.0 {
                users[role] = ((self.per_hour * 24.0 * self.shares[role] / mean).round() as u32).max(1);
            }
        }
        users
    }

    /// Draws the requests, in order.
    pub fn draw(&self, seed: u64) -> Vec<Arrival> {
        let mut rng = fastrand::Rng::with_seed(seed);
        let users = self.users();
        let mut first_user = PerRole([0; 5]);
        for role in Role::ALL.windows(2) {
            first_user[role[1]] = first_user[role[0]] + users[role[0]];
        }
        let gap = 3_600_000.0 / self.per_hour;
        let (mut arrivals, mut after) = (Vec::new(), 0.0);
        while (arrivals.len() as u64) < self.most {
            after += exponential(gap, &mut rng);
            let at = self.from + Duration::from_millis(after as u64);
            if at >= self.until {
                break;
            }
            let role = self.role(&mut rng);
            let user = first_user[role] + rng.u32(0..users[role].max(1));
            let task = self.task.unwrap_or_else(|| match rng.f64() {
                0.0..0.08 => Task::Complex,
                0.08..0.30 => Task::Task,
                _ => Task::Chat,
            });
            arrivals.push(Arrival { at, user, role, task, hostile: false });
        }
        arrivals
    }

    fn role(&self, rng: &mut fastrand::Rng) -> Role {
        let mut point = rng.f64();
        let drawn = Role::ALL.into_iter().find(|role| {
            point -= self.shares[*role];
            point < 0.0
        });
        // The shares may add up to a little less than 1.
        drawn.or_else(|| Role::ALL.into_iter().find(|role| self.shares[*role] > 0.0)).unwrap_or(Role::Normal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load() -> Load {
        let from = Timestamp::ZERO + Duration::from_hours(20_000 * 24);
        Load {
            from,
            until: from + Duration::from_hours(10),
            per_hour: 180.0,
            most: u64::MAX,
            shares: Load::standard_shares(),
            task: None,
        }
    }

    #[test]
    fn a_load_is_as_much_as_it_says_by_those_it_says() {
        let load = load();
        let drawn = load.draw(1);
        assert!((1_650..1_950).contains(&drawn.len()), "{}", drawn.len());
        assert!(drawn.is_sorted_by_key(|arrival| arrival.at));
        assert!(drawn.iter().all(|arrival| load.from <= arrival.at && arrival.at < load.until));
        for role in Role::ALL {
            let (of_role, users) = (drawn.iter().filter(|arrival| arrival.role == role), load.users()[role]);
            let (share, people) = (of_role.clone().count() as f64 / drawn.len() as f64, of_role);
            assert!((share - load.shares[role]).abs() < 0.05, "{role}: {share}");
            let mut people: Vec<u32> = people.map(|arrival| arrival.user).collect();
            people.sort_unstable();
            people.dedup();
            assert!(people.len() as u32 <= users && people.len() as u32 * 3 >= users, "{role}: {people:?}");
        }
        assert_eq!(load.draw(1), drawn);
        assert_ne!(load.draw(2), drawn);
        assert_eq!(Load { most: 7, ..load }.draw(1), drawn[..7]);
    }

    #[test]
    fn one_role_with_one_task_is_all_there_is() {
        let mut shares = PerRole([0.0; 5]);
        shares[Role::Vip] = 1.0;
        let load = Load { shares, task: Some(Task::Complex), ..load() };
        assert_eq!(load.users(), PerRole([0, 0, 0, 36, 0]));
        let fits = |arrival: &Arrival| (arrival.role, arrival.task) == (Role::Vip, Task::Complex);
        assert!(load.draw(3).iter().all(fits));
    }
}
