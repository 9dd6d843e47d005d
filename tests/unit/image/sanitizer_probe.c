/*
 * sanitizer_probe.c - loads a module and has it do one defect, so that a sanitizer reports it.
 *
 * Prints "no report" and ends with status 0 when nothing stopped it.
 */
#include "image/image.h"
#include "sample.h"
#include "sys/sys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int NT_ABI TestAdd(int a, int b);
int NT_ABI TestAdd(int a, int b)
{
    return a + b;
}
int TestVariable = 4711;
static void *NT_ABI driver_memcpy(void *destination, const void *source, size_t size)
{
    return memcpy(destination, source, size);
}

NT_EXPORT("test.sys", TestAdd, "Test", 15);
NT_EXPORT_VARIABLE("test.sys", TestVariable, "Test");
static const struct nt_export memcpy_row
    __attribute__((section("nt_exports"), used, aligned(8))) = {
        "test.sys", "memcpy", (void *)&driver_memcpy, "Test", __FILE__, 15, 0};

static struct image *image;

static void ask(struct sample_call *call)
{
    image_entry_point(image)(call, NULL);
}

static void race(void *argument)
{
    static unsigned arrived;
    unsigned spins = 0;
    (void)argument;
    struct sample_call call = {.command = SAMPLE_RACE};
    __atomic_add_fetch(&arrived, 1, __ATOMIC_RELAXED);
    while (__atomic_load_n(&arrived, __ATOMIC_RELAXED) < 2)
        sys_spin_wait(&spins);
    for (int i = 0; i < 10000; i++)
        ask(&call);
}

static int run(void *argument)
{
    const char *defect = argument;
    struct sample_call call = {.source = malloc(64), .destination = malloc(64)};
    struct sys_thread *threads[2];
    call.command = SAMPLE_BIG_FRAME;
    ask(&call);
    sh_assert(call.result == 3);
    if (strcmp(defect, "none") == 0)
        call.command = SAMPLE_COPY;
    else if (strcmp(defect, "stack") == 0)
        call.command = SAMPLE_OVERFLOW_STACK, call.number = 16;
    else if (strcmp(defect, "global") == 0)
        call.command = SAMPLE_OVERFLOW_GLOBAL, call.number = 16;
    else if (strcmp(defect, "heap") == 0)
        call.command = SAMPLE_OVERFLOW_HEAP;
    else if (strcmp(defect, "copy") == 0)
        call.command = SAMPLE_OVERFLOW_COPY, call.number = 65;
    else if (strcmp(defect, "free") == 0)
        call.command = SAMPLE_COPY, free(call.source);
    else if (strcmp(defect, "shift") == 0)
        call.command = SAMPLE_SHIFT, call.number = 40;
    else if (strcmp(defect, "race") != 0)
        return 2;
    if (strcmp(defect, "race") == 0) {
        for (int i = 0; i < 2; i++)
            sh_assert(sys_thread_create(&threads[i], "racer", race, NULL) == 0);
        for (int i = 0; i < 2; i++)
            sys_thread_join(threads[i]);
    } else {
        ask(&call);
    }
    free(call.source);
    free(call.destination);
    return 0;
}

int main(int argument_count, char **arguments)
{
    if (argument_count != 3) {
        fprintf(stderr, "usage: sanitizer_probe MODULE DEFECT\n");
        return 2;
    }
    char reason[512];
    if (image_load(&image, arguments[1], "sample", reason, sizeof(reason)) != 0) {
        fprintf(stderr, "%s\n", reason);
        return 3;
    }
    struct sys_options options = {0};
    if (sys_start(&options) != 0)
        return 4;
    int status = sys_run(run, arguments[2]);
    sys_stop();
    image_unload(image);
    if (status == 0)
        printf("no report\n");
    return status;
}
