/* Makes one system call fail on purpose: the n-th read, write, fsync, rename, open or
 * listing of what is in a folder.
 *
 * The library is preloaded, so that Python, Rust and C libraries of a process all meet it. It does nothing
 * until `fault_arm` is called. Calls through `syscall(2)` and reads through a memory map are not seen. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum call { READ, WRITE, FSYNC, RENAME, OPEN, LIST, CALLS };

static char folder[4096];
static int failing = -1, with_errno;
static long first, last;
static atomic_long seen[CALLS];

/* From now on, calls number `from` to `to` (counted from 1) of kind `call` fail with `number`; with 0 they
 * do nothing and say that all is well: a read finds the end of the file. */
void fault_arm(const char *under, int call, long from, long to, int number) {
    snprintf(folder, sizeof folder, "%s", under);
    failing = call, first = from, last = to, with_errno = number;
    for (int kind = 0; kind < CALLS; kind++) atomic_store(&seen[kind], 0);
}

/* How many calls of a kind there were since `fault_arm`. */
long fault_seen(int call) { return atomic_load(&seen[call]); }

/* Whether this call must fail; sets errno then. */
static int fails(enum call call) {
    long number = atomic_fetch_add(&seen[call], 1) + 1;
    if ((int)call != failing || number < first || number > last) return 0;
    errno = with_errno;
    return 1;
}

static int inside(const char *path) {
    if (!folder[0] || !path) return 0;
    return path[0] != '/' || strncmp(path, folder, strlen(folder)) == 0;
}

/* Files by descriptor; not standard output, which is no file of a stage. */
static int is_ours(int fd) {
    char link[64], path[4096];
    if (!folder[0] || fd <= 2) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strncmp(path, folder, strlen(folder)) == 0;
}

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

#define BY_DESCRIPTOR(kind, type, name, parameters, arguments)       \
    type name parameters {                                           \
        REAL(name);                                                  \
        return is_ours(fd) && fails(kind) ? -!!with_errno : real arguments; \
    }

BY_DESCRIPTOR(READ, ssize_t, read, (int fd, void *to, size_t n), (fd, to, n))
BY_DESCRIPTOR(READ, ssize_t, pread, (int fd, void *to, size_t n, off_t at), (fd, to, n, at))
BY_DESCRIPTOR(READ, ssize_t, pread64, (int fd, void *to, size_t n, off64_t at), (fd, to, n, at))
BY_DESCRIPTOR(READ, ssize_t, readv, (int fd, const struct iovec *to, int n), (fd, to, n))
BY_DESCRIPTOR(WRITE, ssize_t, write, (int fd, const void *from, size_t n), (fd, from, n))
BY_DESCRIPTOR(WRITE, ssize_t, pwrite, (int fd, const void *from, size_t n, off_t at), (fd, from, n, at))
BY_DESCRIPTOR(WRITE, ssize_t, pwrite64, (int fd, const void *from, size_t n, off64_t at), (fd, from, n, at))
BY_DESCRIPTOR(WRITE, ssize_t, writev, (int fd, const struct iovec *from, int n), (fd, from, n))
BY_DESCRIPTOR(WRITE, ssize_t, sendfile, (int fd, int from, off_t *at, size_t n), (fd, from, at, n))
BY_DESCRIPTOR(WRITE, ssize_t, sendfile64, (int fd, int from, off64_t *at, size_t n), (fd, from, at, n))
BY_DESCRIPTOR(FSYNC, int, fsync, (int fd), (fd))
BY_DESCRIPTOR(FSYNC, int, fdatasync, (int fd), (fd))

int rename(const char *from, const char *to) {
    REAL(rename);
    return inside(to) && fails(RENAME) ? -!!with_errno : real(from, to);
}

int renameat(int a, const char *from, int b, const char *to) {
    REAL(renameat);
    return inside(to) && fails(RENAME) ? -!!with_errno : real(a, from, b, to);
}

static mode_t mode_of(int flags, va_list more) {
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
}

#define BY_NAME(name, parameters, arguments)                         \
    int name parameters {                                            \
        REAL(name);                                                  \
        va_list more;                                                \
        va_start(more, flags);                                       \
        mode_t mode = mode_of(flags, more);                          \
        va_end(more);                                                \
        return inside(path) && fails(OPEN) ? -1 : real arguments;    \
    }

BY_NAME(open, (const char *path, int flags, ...), (path, flags, mode))
BY_NAME(open64, (const char *path, int flags, ...), (path, flags, mode))
BY_NAME(openat, (int at, const char *path, int flags, ...), (at, path, flags, mode))
BY_NAME(openat64, (int at, const char *path, int flags, ...), (at, path, flags, mode))

DIR *opendir(const char *path) {
    REAL(opendir);
    return inside(path) && fails(LIST) ? NULL : real(path);
}
