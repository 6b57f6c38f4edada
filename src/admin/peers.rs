//! Who may use the control socket. The kernel says who connects (`SO_PEERCRED`); the mode of the socket has kept
//! most others out before.

use crate::error::{CommandError, ErrorKind};

/// How far a peer is trusted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    /// The daemon's own user, root, or a listed one: everything.
    Trusted,
    /// A member of the group: everything but rights above `normal` for questions.
    Member,
}

/// The peer of one connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Peer {
    /// Its user.
    pub(crate) uid: u32,
    /// How far it is trusted.
    pub(crate) standing: Standing,
}

/// Who may use the control socket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Peers {
    /// The daemon's own user, root, and the listed ones.
    trusted: Vec<u32>,
    group: Option<GroupMembers>,
}

/// A group of the system.
#[derive(Clone, PartialEq, Eq, Debug)]
struct GroupMembers {
    gid: u32,
    uids: Vec<u32>,
}

impl Peers {
    /// This process' user, root, the users of `listed`, and the members of `group` (a name or a number).
    pub(crate) fn new(listed: Vec<u32>, group: Option<&str>) -> Result<Peers, CommandError> {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        let find = |name: &str| {
            members(&read("/etc/group"), &read("/etc/passwd"), name).ok_or_else(|| {
                CommandError::new(ErrorKind::Config, format!("control.group: no group {name} on this system"))
                    .hint(format!("groupadd --system {name}"))
            })
        };
        let group = group.map(find).transpose()?;
        let trusted = [0, rustix::process::geteuid().as_raw()].into_iter().chain(listed).collect();
        Ok(Peers { trusted, group })
    }

    /// Those of another machine: nobody here is among them.
    #[cfg(test)]
    pub(super) fn of_others() -> Peers {
        Peers { trusted: Vec::new(), group: None }
    }

    /// The group that owns the socket.
    pub(crate) fn gid(&self) -> Option<u32> {
        self.group.as_ref().map(|group| group.gid)
    }

    /// Whether a user with this primary group may come in.
    pub(crate) fn admit(&self, uid: u32, gid: u32) -> Option<Peer> {
        let is_member = |group: &GroupMembers| group.gid == gid || group.uids.contains(&uid);
        let standing = if self.trusted.contains(&uid) {
            Standing::Trusted
        } else if self.group.as_ref().is_some_and(is_member) {
            Standing::Member
        } else {
            return None;
        };
        Some(Peer { uid, standing })
    }
}

/// The members of a group, by the texts of `/etc/group` and `/etc/passwd`.
fn members(group_file: &str, passwd_file: &str, name: &str) -> Option<GroupMembers> {
    let fields = |line: &str| line.split(':').map(str::to_owned).collect::<Vec<_>>();
    let group = group_file
        .lines()
        .map(fields)
        .find(|fields| fields.len() >= 4 && (fields[0] == name || fields[2] == name))?;
    let gid = group[2].parse().ok()?;
    let names: Vec<&str> = group[3].split(',').map(str::trim).collect();
    let users = passwd_file.lines().map(fields).filter(|fields| fields.len() >= 4);
    let member = |fields: Vec<String>| {
        let belongs = names.contains(&fields[0].as_str()) || fields[3] == group[2];
        belongs.then(|| fields[2].parse().ok()).flatten()
    };
    Some(GroupMembers { gid, uids: users.filter_map(member).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP: &str = "root:x:0:\nsvs-operators:x:950:ming,bo\nempty:x:951:\nbroken\n";
    const PASSWD: &str = "root:x:0:0::/root:/bin/sh\nming:x:1000:1000::/:/bin/sh\nbo:x:1001:1001::/:/bin/sh\n\
                          li:x:1002:950::/:/bin/sh\nwu:x:1003:1003::/:/bin/sh\n";

    #[test]
    fn members_are_named_in_the_group_or_have_it_as_their_own() {
        let expected = Some(GroupMembers { gid: 950, uids: vec![1000, 1001, 1002] });
        assert_eq!(members(GROUP, PASSWD, "svs-operators"), expected);
        assert_eq!(members(GROUP, PASSWD, "950"), expected);
        assert_eq!(members(GROUP, PASSWD, "empty"), Some(GroupMembers { gid: 951, uids: vec![] }));
        for unknown in ["nobody", "", "broken", "ming"] {
            assert_eq!(members(GROUP, PASSWD, unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_foreign_user_is_refused() {
        let group = members(GROUP, PASSWD, "svs-operators");
        let peers = Peers { trusted: vec![0, 990, 1500], group };
        let cases = [
            (0, 0, Some(Standing::Trusted)),
            (990, 990, Some(Standing::Trusted)),
            (1500, 1500, Some(Standing::Trusted)),
            (1000, 1000, Some(Standing::Member)),
            (4000, 950, Some(Standing::Member)),
            (1003, 1003, None),
            (65_534, 65_534, None),
        ];
        for (uid, gid, standing) in cases {
            assert_eq!(peers.admit(uid, gid).map(|peer| peer.standing), standing, "{uid}:{gid}");
        }
        let closed = Peers { group: None, ..peers };
        assert_eq!(closed.admit(1000, 950), None);
    }
}
