/* Counts what memcpy and memmove of the C library copy, for copies.py: loaded before it, see ld.so(8), LD_PRELOAD.
 *
 * Each process counts in a file of its own, in the folder that COPIES names and under its process id: 64 bits of bytes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

typedef void *(*copy)(void *, const void *, size_t);

static copy library_memcpy, library_memmove;
static _Atomic unsigned long long nowhere, *copied = &nowhere;

static void count_here(void)
{
    char path[4096];
    const char *folder = getenv("COPIES");
    if (folder == NULL || snprintf(path, sizeof path, "%s/%d", folder, getpid()) >= (int)sizeof path)
        return;
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return;
    if (ftruncate(file, sizeof *copied) == 0) {
        void *shared = mmap(NULL, sizeof *copied, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (shared != MAP_FAILED)
            copied = shared;
    }
    close(file);
}

__attribute__((constructor)) static void begin(void)
{
    library_memcpy = (copy)dlsym(RTLD_NEXT, "memcpy");
    library_memmove = (copy)dlsym(RTLD_NEXT, "memmove");
    count_here();
    pthread_atfork(NULL, NULL, count_here);
}

/* What the loader itself copies before `begin`. */
static void *by_hand(void *to, const void *from, size_t length)
{
    volatile char *into = to;
    const char *out_of = from;
    if (into <= out_of)
        for (size_t at = 0; at < length; at++)
            into[at] = out_of[at];
    else
        while (length-- > 0)
            into[length] = out_of[length];
    return to;
}

void *memcpy(void *to, const void *from, size_t length)
{
    atomic_fetch_add_explicit(copied, length, memory_order_relaxed);
    return (library_memcpy != NULL ? library_memcpy : by_hand)(to, from, length);
}

void *memmove(void *to, const void *from, size_t length)
{
    atomic_fetch_add_explicit(copied, length, memory_order_relaxed);
    return (library_memmove != NULL ? library_memmove : by_hand)(to, from, length);
}

/* What programs that were built with _FORTIFY_SOURCE call instead. */
void *__memcpy_chk(void *to, const void *from, size_t length, size_t room)
{
    if (length > room)
        abort();
    return memcpy(to, from, length);
}

void *__memmove_chk(void *to, const void *from, size_t length, size_t room)
{
    if (length > room)
        abort();
    return memmove(to, from, length);
}
