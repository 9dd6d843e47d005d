/*
 * module_runner.c - loads a module and calls its DriverEntry: the exit status is what that returns.
 *
 * Behind the sources of this folder stands no machine. What they import is the memory routines,
 * which the compiler calls by itself, and RunnerCount, which counts its calls.
 */
#include "image/image.h"
#include "nt/export.h"
#include "sys/sys.h"

#include <stdio.h>
#include <string.h>

static unsigned count;

unsigned NT_ABI RunnerCount(void);
unsigned NT_ABI RunnerCount(void)
{
    return ++count;
}
NT_EXPORT("ntoskrnl.exe", RunnerCount, "Test", 15);

static void *NT_ABI driver_memcpy(void *to, const void *from, size_t size)
{
    return memcpy(to, from, size);
}
NT_EXPORT_AS("ntoskrnl.exe", "memcpy", driver_memcpy, "Test", 15);

static void *NT_ABI driver_memset(void *to, int byte, size_t size)
{
    return memset(to, byte, size);
}
NT_EXPORT_AS("ntoskrnl.exe", "memset", driver_memset, "Test", 15);

static int call_entry(void *argument)
{
    return (int)image_entry_point(argument)(NULL, NULL);
}

int main(int argument_count, char **arguments)
{
    struct image *image;
    struct sys_options options = {0};
    char reason[512];

    if (argument_count != 2) {
        fprintf(stderr, "usage: module_runner MODULE\n");
        return 100;
    }
    if (image_load(&image, arguments[1], "driver", reason, sizeof(reason)) != 0) {
        fprintf(stderr, "%s\n", reason);
        return 101;
    }
    if (sys_start(&options) != 0)
        return 102;
    int status = sys_run(call_entry, image);
    sys_stop();
    image_unload(image);
    return status;
}
