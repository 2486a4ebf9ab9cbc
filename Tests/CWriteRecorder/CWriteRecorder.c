// A record: operation (1 write, 2 sync, 3 truncate, 4 acknowledgement), file (0 journal, 1 write-ahead log, 2 head of
// the chain), offset or size (8 bytes), length (4 bytes), then as many bytes. Little-endian, as the machine writes it.
#define _GNU_SOURCE
#include "CWriteRecorder.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static int record_descriptor = -1;
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;

int snowline_recorder_begin(const char *path) {
  record_descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  return record_descriptor < 0 ? errno : 0;
}

static int has_ending(const char *text, const char *ending) {
  size_t length = strlen(text), wanted = strlen(ending);
  return length >= wanted && strcmp(text + length - wanted, ending) == 0;
}

/// Which file of a journal this is; -1 for any other.
static int file_of(int descriptor) {
  if (record_descriptor < 0 || descriptor == record_descriptor) return -1;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return -1;
  path[length] = 0;
  if (has_ending(path, "/journal.sqlite")) return 0;
  if (has_ending(path, "/journal.sqlite-wal")) return 1;
  if (has_ending(path, "/chain.head")) return 2;
  return -1;
}

static void put(const void *bytes, size_t count) {
  const char *next = bytes;
  while (count > 0) {
    ssize_t done = syscall(SYS_write, record_descriptor, next, count);
    if (done <= 0) _exit(3);
    next += done;
    count -= (size_t)done;
  }
}

static void record(uint8_t operation, uint8_t file, uint64_t offset, const void *bytes, uint32_t length) {
  char head[14];
  head[0] = (char)operation;
  head[1] = (char)file;
  memcpy(head + 2, &offset, 8);
  memcpy(head + 10, &length, 4);
  put(head, sizeof head);
  if (length > 0) put(bytes, length);
}

void snowline_recorder_acknowledge(const char *text) {
  pthread_mutex_lock(&guard);
  record(4, 0, 0, text, (uint32_t)strlen(text));
  pthread_mutex_unlock(&guard);
}

static void *next_function(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (!found) _exit(3);
  return found;
}

static ssize_t recorded_write(int descriptor, const void *bytes, size_t count, off64_t offset, int has_offset) {
  int file = file_of(descriptor);
  if (file < 0) {
    return has_offset ? syscall(SYS_pwrite64, descriptor, bytes, count, offset)
                      : syscall(SYS_write, descriptor, bytes, count);
  }
  pthread_mutex_lock(&guard);
  uint64_t place = has_offset ? (uint64_t)offset : (uint64_t)lseek64(descriptor, 0, SEEK_CUR);
  ssize_t done = has_offset ? syscall(SYS_pwrite64, descriptor, bytes, count, offset)
                            : syscall(SYS_write, descriptor, bytes, count);
  int code = errno;
  if (done > 0) record(1, (uint8_t)file, place, bytes, (uint32_t)done);
  pthread_mutex_unlock(&guard);
  errno = code;
  return done;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  return recorded_write(descriptor, bytes, count, 0, 0);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  return recorded_write(descriptor, bytes, count, offset, 1);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  return recorded_write(descriptor, bytes, count, offset, 1);
}

static int recorded_sync(int descriptor, const char *name) {
  int (*sync)(int) = (int (*)(int))next_function(name);
  int file = file_of(descriptor);
  if (file < 0) return sync(descriptor);
  pthread_mutex_lock(&guard);
  int result = sync(descriptor);
  int code = errno;
  if (result == 0) record(2, (uint8_t)file, 0, NULL, 0);
  pthread_mutex_unlock(&guard);
  errno = code;
  return result;
}

int fsync(int descriptor) { return recorded_sync(descriptor, "fsync"); }
int fdatasync(int descriptor) { return recorded_sync(descriptor, "fdatasync"); }

static int recorded_truncate(int descriptor, off64_t size, const char *name) {
  int (*truncate_file)(int, off64_t) = (int (*)(int, off64_t))next_function(name);
  int file = file_of(descriptor);
  if (file < 0) return truncate_file(descriptor, size);
  pthread_mutex_lock(&guard);
  int result = truncate_file(descriptor, size);
  int code = errno;
  if (result == 0) record(3, (uint8_t)file, (uint64_t)size, NULL, 0);
  pthread_mutex_unlock(&guard);
  errno = code;
  return result;
}

int ftruncate64(int descriptor, off64_t size) { return recorded_truncate(descriptor, size, "ftruncate64"); }
int ftruncate(int descriptor, off_t size) { return recorded_truncate(descriptor, size, "ftruncate"); }
