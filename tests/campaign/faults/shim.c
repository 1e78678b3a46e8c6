/* Makes the nth call of one kind fail on files below a folder; counts them all. Built by the campaign. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *below, *kind, *counts;
static long nth, number;
static int always;
static long seen;

__attribute__((constructor)) static void begin(void) {
  below = getenv("FAULT_BELOW");
  kind = getenv("FAULT_KIND");
  counts = getenv("FAULT_COUNTS");
  nth = atol(getenv("FAULT_NTH") ? getenv("FAULT_NTH") : "0");
  number = atol(getenv("FAULT_ERRNO") ? getenv("FAULT_ERRNO") : "28");
  always = getenv("FAULT_ALWAYS") != NULL;
}

/* Whether this call is to fail; each is a line of one letter in a file that all processes share. */
static int fails(const char *what, const char *path) {
  if (!below || !kind || strcmp(what, kind) != 0 || !path) return 0;
  if (strncmp(path, below, strlen(below)) != 0) return 0;
  long now = __atomic_add_fetch(&seen, 1, __ATOMIC_SEQ_CST);
  if (counts) {
    int fd = syscall(SYS_openat, AT_FDCWD, counts, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd >= 0) {
      syscall(SYS_write, fd, "x", 1);
      syscall(SYS_close, fd);
    }
  }
  if (nth > 0 && (now == nth || (always && now > nth))) {
    errno = (int)number;
    return 1;
  }
  return 0;
}

static int fails_on(const char *what, int fd) {
  if (!below || !kind || strcmp(what, kind) != 0) return 0;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  long n = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  if (n <= 0) return 0;
  path[n] = 0;
  return fails(what, path);
}

#define REAL(name, type) \
  static type real; \
  if (!real) real = (type)dlsym(RTLD_NEXT, name)

typedef ssize_t (*write_t)(int, const void *, size_t);
ssize_t write(int fd, const void *data, size_t n) {
  REAL("write", write_t);
  return fails_on("write", fd) ? -1 : real(fd, data, n);
}
typedef ssize_t (*pwrite_t)(int, const void *, size_t, off_t);
ssize_t pwrite(int fd, const void *data, size_t n, off_t at) {
  REAL("pwrite", pwrite_t);
  return fails_on("write", fd) ? -1 : real(fd, data, n, at);
}
ssize_t pwrite64(int fd, const void *data, size_t n, off_t at) {
  REAL("pwrite64", pwrite_t);
  return fails_on("write", fd) ? -1 : real(fd, data, n, at);
}
typedef ssize_t (*writev_t)(int, const struct iovec *, int);
ssize_t writev(int fd, const struct iovec *parts, int n) {
  REAL("writev", writev_t);
  return fails_on("write", fd) ? -1 : real(fd, parts, n);
}
typedef ssize_t (*read_t)(int, void *, size_t);
ssize_t read(int fd, void *data, size_t n) {
  REAL("read", read_t);
  return fails_on("read", fd) ? -1 : real(fd, data, n);
}
typedef ssize_t (*pread_t)(int, void *, size_t, off_t);
ssize_t pread64(int fd, void *data, size_t n, off_t at) {
  REAL("pread64", pread_t);
  return fails_on("read", fd) ? -1 : real(fd, data, n, at);
}
typedef int (*fd_t)(int);
int fsync(int fd) {
  REAL("fsync", fd_t);
  return fails_on("fsync", fd) ? -1 : real(fd);
}
int fdatasync(int fd) {
  REAL("fdatasync", fd_t);
  return fails_on("fsync", fd) ? -1 : real(fd);
}
typedef int (*rename_t)(const char *, const char *);
int rename(const char *from, const char *to) {
  REAL("rename", rename_t);
  return fails("rename", to) ? -1 : real(from, to);
}
typedef int (*open_t)(const char *, int, ...);
int open64(const char *path, int flags, ...) {
  REAL("open64", open_t);
  va_list more;
  va_start(more, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, mode_t) : 0;
  va_end(more);
  return (flags & O_CREAT) && fails("create", path) ? -1 : real(path, flags, mode);
}
