/*
 * unwind.c - any bytes as the code and unwind data of an image, and any stack: frames are gone over
 * until one is refused. Nothing is read outside of the image and the stack.
 */
#include "image/unwind.h"
#include "sys/sys.h"

#include <stdlib.h>
#include <string.h>

enum { FUNCTIONS_MAX = 16, STACK_BYTES = 512, STEPS_MAX = 64 };

/* What the input begins with; the rest is the image. */
struct head {
    uint8_t stack[STACK_BYTES];
    uint64_t registers[16];
    uint32_t offset; /* where the code stands */
    uint8_t count, handlers;
    uint16_t reserved;
    struct pe_function functions[FUNCTIONS_MAX];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct head *head;
static uint8_t *image;
static size_t image_size;

static bool lies_in(const void *from, size_t size, const void *place, size_t length)
{
    uintptr_t offset = (uintptr_t)from - (uintptr_t)place;

    return offset < length && size <= length - offset;
}

static bool read_memory(void *to, const void *from, size_t size)
{
    if (!lies_in(from, size, image, image_size) &&
        !lies_in(from, size, head->stack, sizeof(head->stack)))
        return false;
    memcpy(to, from, size);
    return true;
}

/* Only what the loader lets through: rows in their order, with the beginning of their data in the
 * image. */
static size_t keep_sound(struct pe_function *functions, size_t count)
{
    uint32_t end = 0;
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        const struct pe_function row = functions[i];
        uint32_t bytes = row.unwind & 1 ? sizeof(row) : sizeof(uint32_t);
        if (row.begin < end || row.end <= row.begin || row.end > image_size ||
            (row.unwind & ~1u) % 4 || (uint64_t)(row.unwind & ~1u) + bytes > image_size)
            continue;
        end = row.end;
        functions[kept++] = row;
    }
    return kept;
}

/* Registers that point to the stack for the numbers that mean it. */
static void begin(CONTEXT *context)
{
    memset(context, 0, sizeof(*context));
    for (unsigned i = 0; i < 16; i++) {
        uint64_t value = head->registers[i];
        *unwind_register(context, i) = value < STACK_BYTES ? (uintptr_t)head->stack + value : value;
    }
    context->Rsp = (uintptr_t)head->stack + head->registers[4] % STACK_BYTES;
    context->Rip = (uintptr_t)image + head->offset % image_size;
}

static void walk(const struct unwind_source *source)
{
    struct unwind_frame frame;
    struct unwind_fault fault;
    struct unwind_places places = {0};
    CONTEXT context;

    begin(&context);
    for (unsigned i = 0; i < STEPS_MAX; i++) {
        const struct pe_function *function = unwind_find(&source->table, context.Rip);
        fault = (struct unwind_fault){0, NULL};
        if (unwind_step(source, function, head->handlers & 3, &context, &frame, &places, &fault) !=
            0) {
            sh_assert(fault.what);
            return;
        }
        sh_assert(!frame.handler ||
                  lies_in((const void *)(uintptr_t)frame.handler, 1, image, image_size));
        if (!lies_in((const void *)(uintptr_t)context.Rip, 1, image, image_size))
            context.Rip = (uintptr_t)image + context.Rip % image_size;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size <= sizeof(*head))
        return -1;
    image_size = size - sizeof(*head);
    head = malloc(sizeof(*head));
    image = malloc(image_size); /* of exact size: a read past it is seen */
    sh_assert(head && image);
    memcpy(head, data, sizeof(*head));
    memcpy(image, data + sizeof(*head), image_size);
    struct unwind_source source = {
        .table = {.base = image, .size = image_size, .functions = head->functions},
        .read = read_memory,
    };
    source.table.count = keep_sound(head->functions, head->count % (FUNCTIONS_MAX + 1));
    walk(&source);
    free(image);
    free(head);
    return 0;
}
