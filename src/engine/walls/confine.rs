//! The walls themselves: what a worker takes from itself before it sees a file.
//!
//! Landlock takes every path (and TCP) away, seccomp every system call that reading bytes and
//! computing does not need, rlimits bound memory, processor time and descriptors. What is left: read
//! the descriptor it was given, answer on the socket, use memory, end.
//!
//! Calls that no decoder of ours makes, and that only an intruder would, end the process at once, so
//! that the attempt is told; others are refused with an error, since a C library may try them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetStatus, path_beneath_rules,
};
use rustix::process::{Resource, Rlimit, getpid, getrlimit, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op, SeccompCondition,
    SeccompFilter, SeccompRule,
};

/// What of it the kernel can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Walls {
    pub landlock: bool,
    pub seccomp: bool,
}

/// Descriptors that are looked for one by one.
const MAX_INHERITED: u64 = 65_536;
/// Descriptors: the socket, the file, standard error, and a few for what the library opens.
const MAX_FILES: u64 = 16;

/// Closes what the caller of the program left open besides the three streams: a descriptor needs no
/// path. For a process that has opened nothing of its own yet.
pub fn close_inherited() {
    let open: Vec<i32> = match fs::read_dir("/proc/self/fd") {
        Ok(entries) => {
            entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
        }
        // No /proc: as many as there may be, within reason.
        Err(_) => {
            let most = getrlimit(Resource::Nofile).current.unwrap_or(MAX_INHERITED);
            (0..i32::try_from(most.min(MAX_INHERITED)).unwrap_or(i32::MAX)).collect()
        }
    };
    for descriptor in open.into_iter().filter(|d| *d > 2) {
        // The one of the listing itself is closed by now.
        let _ = nix::unistd::close(descriptor);
    }
}

/// Confines this process for good. Threads that it starts later are confined with it, so it must
/// have no other thread yet.
pub fn confine(max_memory_bytes: u64, max_cpu_seconds: u64) -> Walls {
    let bounds = [
        (Resource::As, max_memory_bytes),
        (Resource::Cpu, max_cpu_seconds),
        (Resource::Nofile, MAX_FILES),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
    ];
    let bounded = bounds.into_iter().all(|(resource, most)| bound(resource, most));
    Walls { landlock: no_paths(), seccomp: bounded && few_calls() }
}

/// Where programs and what they need to start lie.
const SYSTEM: [&str; 8] =
    ["/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/opt", "/dev/null", "/dev/urandom"];

/// Confines this process for a foreign program that it is about to become: that one may read and run
/// what the system has installed, its own folder and `more`, write nothing, and call nobody.
pub fn confine_program(
    program: &Path,
    more: Option<&Path>,
    max_memory_bytes: u64,
    max_cpu_seconds: u64,
) -> Walls {
    let bounds = [
        (Resource::As, max_memory_bytes),
        (Resource::Cpu, max_cpu_seconds),
        (Resource::Nofile, 64),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
    ];
    let bounded = bounds.into_iter().all(|(resource, most)| bound(resource, most));
    let reads: Vec<&Path> =
        SYSTEM.iter().map(Path::new).chain(program.parent()).chain(more).collect();
    let mut calls = hostile();
    // It starts by becoming another program, and may be a script that starts a few.
    for call in [libc::SYS_execve, libc::SYS_execveat, libc::SYS_clone, libc::SYS_kill] {
        calls.remove(&call);
    }
    #[cfg(target_arch = "x86_64")]
    for call in [libc::SYS_fork, libc::SYS_vfork] {
        calls.remove(&call);
    }
    let refused = filter(calls, SeccompAction::Allow, SeccompAction::Errno(libc::EPERM as u32));
    let landlock = paths_only(&reads);
    let seccomp =
        bounded && refused.is_ok_and(|program| seccompiler::apply_filter(&program).is_ok());
    Walls { landlock, seccomp }
}

fn bound(resource: Resource, most: u64) -> bool {
    // Where less is allowed already, less it stays.
    let most = getrlimit(resource).maximum.map_or(most, |maximum| maximum.min(most));
    setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) }).is_ok()
}

/// Landlock with these paths to read and run, and no other.
fn paths_only(reads: &[&Path]) -> bool {
    let restrict = || {
        Ruleset::default()
            .set_compatibility(landlock::CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(ABI::V6))?
            .handle_access(AccessNet::from_all(ABI::V6))?
            .scope(landlock::Scope::from_all(ABI::V6))?
            .create()?
            // Those that are not there are left out.
            .add_rules(path_beneath_rules(reads, AccessFs::from_read(ABI::V6)))?
            .restrict_self()
    };
    restrict().is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
}

/// Landlock with no exception at all.
fn no_paths() -> bool {
    paths_only(&[])
}

fn few_calls() -> bool {
    // Of what several filters say the strictest counts. The last takes the right to add another.
    let filters = [
        filter(missing(), SeccompAction::Allow, SeccompAction::Errno(libc::ENOSYS as u32)),
        filter(hostile(), SeccompAction::Allow, SeccompAction::KillProcess),
        filter(allowed(), SeccompAction::Errno(libc::EPERM as u32), SeccompAction::Allow),
    ];
    let Ok(programs) = filters.into_iter().collect::<Result<Vec<_>, _>>() else { return false };
    programs.iter().all(|program| seccompiler::apply_filter(program).is_ok())
}

/// System calls with what their arguments must be; none: any.
type Calls = BTreeMap<i64, Vec<SeccompRule>>;

fn filter(calls: Calls, other: SeccompAction, these: SeccompAction) -> io::Result<BpfProgram> {
    let arch = std::env::consts::ARCH.try_into().map_err(io::Error::other)?;
    let filter = SeccompFilter::new(calls, other, these, arch).map_err(io::Error::other)?;
    filter.try_into().map_err(io::Error::other)
}

fn when(argument: u8, op: Op, value: u64) -> Vec<SeccompRule> {
    // Both fail only for an argument over the sixth and for an empty list.
    SeccompCondition::new(argument, Len::Dword, op, value)
        .and_then(|condition| SeccompRule::new(vec![condition]))
        .map_or_else(|_| Vec::new(), |rule| vec![rule])
}

fn any_of(argument: u8, values: &[u64]) -> Vec<SeccompRule> {
    values.iter().flat_map(|value| when(argument, Op::Eq, *value)).collect()
}

/// What reading, computing, threads of our own, answering and ending need.
fn allowed() -> Calls {
    let mut calls: Calls = [
        libc::SYS_read,
        libc::SYS_readv,
        libc::SYS_pread64,
        libc::SYS_recvmsg,
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_lseek,
        libc::SYS_close,
        libc::SYS_fstat,
        libc::SYS_ppoll,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_brk,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_restart_syscall,
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
        libc::SYS_nanosleep,
        libc::SYS_getrandom,
        libc::SYS_sched_yield,
        libc::SYS_sched_getaffinity,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_set_robust_list,
        libc::SYS_rseq,
        libc::SYS_exit,
        libc::SYS_exit_group,
        // Answered "no such call" by the filter for these.
        libc::SYS_statx,
        libc::SYS_clone3,
    ]
    .into_iter()
    .map(|call| (call, Vec::new()))
    .collect();
    #[cfg(target_arch = "x86_64")]
    calls.insert(libc::SYS_poll, Vec::new());
    // Memory that can be executed is none of a decoder's business.
    let executes = libc::PROT_EXEC as u64;
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        calls.insert(call, when(2, Op::MaskedEq(executes), 0));
    }
    let thread = libc::CLONE_THREAD as u64;
    calls.insert(libc::SYS_clone, when(0, Op::MaskedEq(thread), thread));
    calls.insert(libc::SYS_prctl, any_of(0, &[libc::PR_SET_NAME as u64]));
    // For itself, and to read only: soft and hard bounds are the same.
    calls.insert(libc::SYS_prlimit64, when(0, Op::Eq, 0));
    calls.insert(
        libc::SYS_fcntl,
        any_of(
            1,
            &[libc::F_GETFD, libc::F_SETFD, libc::F_GETFL, libc::F_DUPFD_CLOEXEC].map(|c| c as u64),
        ),
    );
    // To the parent only: no address is given.
    calls.insert(libc::SYS_sendto, when(4, Op::Eq, 0));
    // What `abort` does.
    let own = getpid().as_raw_nonzero().get() as u64;
    calls.insert(libc::SYS_tgkill, when(0, Op::Eq, own));
    calls
}

/// Has a fallback that can be looked into: `clone` for threads, `fstat` for sizes.
fn missing() -> Calls {
    [libc::SYS_clone3, libc::SYS_statx].into_iter().map(|call| (call, Vec::new())).collect()
}

/// Nothing of ours does this after the start.
fn hostile() -> Calls {
    let mut calls: Calls = [
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept,
        libc::SYS_accept4,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_getfd,
        libc::SYS_kill,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_chroot,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_userfaultfd,
        libc::SYS_io_uring_setup,
        libc::SYS_keyctl,
        libc::SYS_add_key,
        libc::SYS_init_module,
        libc::SYS_finit_module,
        libc::SYS_kexec_load,
        libc::SYS_unlinkat,
        libc::SYS_renameat2,
        libc::SYS_linkat,
        libc::SYS_symlinkat,
        libc::SYS_mknodat,
        libc::SYS_fchmodat,
        libc::SYS_fchownat,
        libc::SYS_truncate,
        libc::SYS_ftruncate,
        libc::SYS_setuid,
        libc::SYS_setgid,
    ]
    .into_iter()
    .map(|call| (call, Vec::new()))
    .collect();
    #[cfg(target_arch = "x86_64")]
    calls.extend([libc::SYS_fork, libc::SYS_vfork].map(|call| (call, Vec::new())));
    // A process of its own, not a thread.
    let thread = libc::CLONE_THREAD as u64;
    calls.insert(libc::SYS_clone, when(0, Op::MaskedEq(thread), 0));
    calls
}
