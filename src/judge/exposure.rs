//! Who can read the file, as far as its own mode bits tell. Folders above it, ACLs and shares
//! exported over the network are not looked at.

use crate::flow::Exposure;

/// The levels of the schema, least exposed first; severity asks whether it is for the world.
pub(super) fn of_mode(mode: Option<u32>) -> Exposure {
    let Some(mode) = mode else {
        return Exposure { level: "unknown".into(), why: Vec::new() };
    };
    const BITS: [(u32, &str); 4] =
        [(0o002, "mode o+w"), (0o004, "mode o+r"), (0o020, "mode g+w"), (0o040, "mode g+r")];
    let why: Vec<String> =
        BITS.iter().filter(|(bit, _)| mode & bit != 0).map(|(_, why)| (*why).to_owned()).collect();
    let level = match mode {
        m if m & 0o002 != 0 => "world_writable",
        m if m & 0o004 != 0 => "world_readable",
        m if m & 0o060 != 0 => "group_readable",
        _ => "owner_only",
    };
    Exposure { level: level.into(), why }
}

/// Whether anyone with an account, or whom the share lets in, can get at it.
pub(super) fn is_for_the_world(exposure: &Exposure) -> bool {
    exposure.level == "world_readable" || exposure.level == "world_writable"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mode_bits_tell_the_level_and_why() {
        let of = |mode| {
            let e = of_mode(Some(mode));
            (e.level.clone(), e.why.join(","), is_for_the_world(&e))
        };
        let is = |level: &str, why: &str, world| (level.to_owned(), why.to_owned(), world);
        assert_eq!(of(0o100600), is("owner_only", "", false));
        assert_eq!(of(0o100640), is("group_readable", "mode g+r", false));
        assert_eq!(of(0o100644), is("world_readable", "mode o+r,mode g+r", true));
        assert_eq!(of(0o100602), is("world_writable", "mode o+w", true));
        assert_eq!(of_mode(None).level, "unknown");
    }
}
