/*
 * test_unwind.c - frames of a PE image are unwound by their data, and data that lie are refused.
 */
#include "image/unwind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    IMAGE_BYTES = 0x4000,
    STACK_WORDS = 512,
    BEGIN = 0x100,
    END = 0x200,
    DATA = 0x1000,
    OTHER_DATA = 0x1100,
    OTHER_ROW = 0x1200,
    HANDLER = 0x300,
    MUTATIONS = 200000,
    RBX = 3,
    RBP = 5,
    RSI = 6,
    R12 = 12,
    R15 = 15,
};

static unsigned char image[IMAGE_BYTES] __attribute__((aligned(16)));
static uint64_t stack[STACK_WORDS] __attribute__((aligned(16)));
static struct pe_function functions[] = {{BEGIN, END, DATA}, {0x400, 0x500, OTHER_DATA}};
static bool read_elsewhere; /* somebody has asked for memory that is neither */

static bool lies_in(const void *address, size_t size, const void *memory, size_t length)
{
    uintptr_t offset = (uintptr_t)address - (uintptr_t)memory;

    return offset < length && size <= length - offset;
}

static bool read_memory(void *to, const void *from, size_t size)
{
    if (!lies_in(from, size, image, sizeof(image)) && !lies_in(from, size, stack, sizeof(stack))) {
        read_elsewhere = true;
        return false;
    }
    memcpy(to, from, size);
    return true;
}

static const struct unwind_source source = {
    {image, sizeof(image), functions, sizeof(functions) / sizeof(functions[0])}, read_memory};
static CONTEXT context;
static struct unwind_frame frame;
static struct unwind_fault fault;

static uint64_t address_of(uint32_t offset)
{
    return (uintptr_t)image + offset;
}

/* A stack that counts, code without effect, and no unwind data; `offset` in the function. */
static void prepare(uint32_t offset)
{
    memset(image, 0x90, sizeof(image));
    memset(&context, 0, sizeof(context));
    for (unsigned i = 0; i < STACK_WORDS; i++)
        stack[i] = 0x1000 + i;
    for (unsigned i = 0; i < 16; i++)
        *unwind_register(&context, i) = 0x100 + i;
    context.Rsp = (uintptr_t)stack;
    context.Rip = address_of(BEGIN + offset);
    read_elsewhere = false;
}

static void put(uint32_t offset, const void *bytes, size_t size)
{
    memcpy(image + offset, bytes, size);
}

#define PUT(offset_, ...)                                                                          \
    do {                                                                                           \
        const unsigned char put_bytes[] = {__VA_ARGS__};                                           \
        put(offset_, put_bytes, sizeof(put_bytes));                                                \
    } while (0)

static int step(unsigned handlers)
{
    const struct pe_function *function = unwind_find(&source.table, context.Rip);

    return unwind_step(&source, function, handlers, &context, &frame, NULL, &fault);
}

static void expect_stack(unsigned words)
{
    assert_int_equal(context.Rsp, (uintptr_t)&stack[words]);
    assert_int_equal(context.Rip, 0x1000 + words - 1);
}

static void expect_refusal(uint32_t offset, const char *what)
{
    assert_true(step(UNWIND_EXCEPTION_HANDLER) < 0);
    assert_int_equal(fault.offset, offset);
    assert_non_null(strstr(fault.what, what));
}

/* ---- what prologues do ---- */

static void a_leaf_has_only_its_return_address(void **state)
{
    (void)state;
    prepare(0);
    context.Rip = address_of(0x300);
    assert_null(unwind_find(&source.table, context.Rip));
    assert_int_equal(step(0), 0);
    expect_stack(1);
    assert_int_equal(frame.establisher, (uintptr_t)stack);
}

static void pushes_and_allocations_are_undone(void **state)
{
    (void)state;
    prepare(0x50);
    /* push rbx; push r12; sub rsp, 16; sub rsp, 32; sub rsp, 64 */
    PUT(DATA, 1, 30, 8, 0, 25, 0x11, 64, 0, 0, 0, 15, 0x01, 4, 0, 10, 0x12, 4, 0xC0, 2, 0x30);
    assert_int_equal(step(0), 0);
    expect_stack(8 + 4 + 2 + 2 + 1);
    assert_int_equal(context.R12, 0x1000 + 14);
    assert_int_equal(context.Rbx, 0x1000 + 15);
    assert_int_equal(context.Rsi, 0x100 + RSI);
}

static void in_a_prologue_only_what_was_done_is_undone(void **state)
{
    (void)state;
    prepare(4);
    PUT(DATA, 1, 10, 3, 0, 8, 0x32, 4, 0xC0, 2, 0x30, 0, 0);
    assert_int_equal(step(0), 0);
    expect_stack(3);
    assert_int_equal(context.R12, 0x1000);
    assert_int_equal(context.Rbx, 0x1001);
}

static void a_frame_register_tells_the_frame(void **state)
{
    (void)state;
    prepare(0x50);
    /* push rbp; sub rsp, 32; lea rbp, [rsp + 16] */
    PUT(DATA, 1, 12, 3, 0x15, 10, 0x03, 5, 0x32, 1, 0x50, 0, 0);
    context.Rbp = (uintptr_t)&stack[100];
    context.Rsp = 0; /* whatever the function has allocated since */
    assert_int_equal(step(0), 0);
    expect_stack(100 - 2 + 4 + 1 + 1);
    assert_int_equal(frame.establisher, (uintptr_t)&stack[98]);
    assert_int_equal(context.Rbp, 0x1000 + 102);
}

static void saved_registers_come_from_the_frame(void **state)
{
    struct unwind_places places = {{NULL}, {NULL}};

    (void)state;
    prepare(0x50);
    /* sub rsp, 512; mov [rsp + 16], rsi; mov [rsp + 80], r15; movaps xmm6, xmm15 likewise */
    PUT(DATA, 1, 40, 12, 0, 35, 0xF9, 0x40, 0, 0, 0, 30, 0x68, 2, 0, 25, 0xF5, 80, 0, 0, 0, 20,
        0x64, 2, 0, 10, 0x01, 64, 0);
    assert_int_equal(unwind_step(&source, &functions[0], 0, &context, &frame, &places, &fault), 0);
    expect_stack(65);
    assert_int_equal(context.Rsi, 0x1000 + 2);
    assert_int_equal(context.R15, 0x1000 + 10);
    assert_int_equal(context.Xmm6.Low, 0x1000 + 4);
    assert_int_equal(context.Xmm6.High, 0x1000 + 5);
    assert_int_equal(context.Xmm15.Low, 0x1000 + 8);
    assert_ptr_equal(places.registers[R15], &stack[10]);
    assert_ptr_equal(places.vectors[6], &stack[4]);
    assert_null(places.registers[RBX]);
}

static void a_machine_frame_has_another_stack(void **state)
{
    (void)state;
    prepare(0x50);
    PUT(DATA, 1, 0, 2, 0, 0, 0x02, 0, 0x1A); /* 8 bytes, an error code, then the frame */
    assert_int_equal(step(0), 0);
    assert_int_equal(context.Rip, 0x1000 + 2);
    assert_int_equal(context.Rsp, 0x1000 + 5);
}

static void handlers_are_those_asked_for(void **state)
{
    (void)state;
    prepare(0x50);
    PUT(DATA, 1 | 1 << 3, 0, 1, 0, 0, 0x02, 0, 0, 0x00, 0x03, 0, 0, 7, 0, 0, 0);
    assert_int_equal(step(UNWIND_EXCEPTION_HANDLER), 0);
    assert_int_equal(frame.handler, address_of(HANDLER));
    assert_int_equal(frame.handler_data, address_of(DATA + 12));
    context.Rip = address_of(BEGIN + 0x50);
    context.Rsp = (uintptr_t)stack;
    assert_int_equal(step(UNWIND_TERMINATION_HANDLER), 0);
    assert_int_equal(frame.handler, 0);
}

static void a_prologue_has_no_handler(void **state)
{
    (void)state;
    prepare(2);
    PUT(DATA, 1 | 1 << 3, 4, 1, 0, 4, 0x02, 0, 0, 0x00, 0x03, 0, 0);
    assert_int_equal(step(UNWIND_EXCEPTION_HANDLER), 0);
    assert_int_equal(frame.handler, 0);
    expect_stack(1);
}

static void a_part_of_a_function_is_unwound_with_the_whole(void **state)
{
    (void)state;
    prepare(0x50);
    /* The part saves rbx, the whole has allocated 32 bytes and has the handler. */
    PUT(DATA, 1 | 4 << 3, 5, 2, 0, 5, 0x34, 1, 0, 0x00, 0x04, 0, 0, 0x00, 0x05, 0, 0, 0x00, 0x11, 0,
        0);
    PUT(OTHER_DATA, 1 | 1 << 3, 8, 1, 0, 8, 0x32, 0, 0, 0x00, 0x03, 0, 0);
    assert_int_equal(step(UNWIND_EXCEPTION_HANDLER), 0);
    expect_stack(5);
    assert_int_equal(context.Rbx, 0x1001);
    assert_int_equal(frame.handler, address_of(HANDLER));
}

static void a_row_may_refer_to_another(void **state)
{
    const struct pe_function row = {0x400, 0x500, OTHER_DATA},
                             indirect = {BEGIN, END, OTHER_ROW | 1};

    (void)state;
    prepare(0x50);
    put(OTHER_ROW, &row, sizeof(row));
    PUT(OTHER_DATA, 1, 0, 1, 0, 0, 0x12, 0, 0);
    assert_int_equal(unwind_step(&source, &indirect, 0, &context, &frame, NULL, &fault), 0);
    expect_stack(3);
}

/* ---- epilogues ---- */

static void what_is_left_of_an_epilogue_is_carried_out(void **state)
{
    (void)state;
    prepare(0x50);
    PUT(DATA, 1, 10, 3, 0, 8, 0x32, 4, 0xC0, 2, 0x30, 0, 0);
    PUT(BEGIN + 0x50, 0x48, 0x83, 0xC4, 0x20, 0x41, 0x5C, 0x5B, 0xC3);
    assert_int_equal(step(UNWIND_EXCEPTION_HANDLER), 0);
    expect_stack(4 + 2 + 1);
    assert_int_equal(context.R12, 0x1004);
    prepare(0x56); /* before pop rbx */
    PUT(DATA, 1, 10, 3, 0, 8, 0x32, 4, 0xC0, 2, 0x30, 0, 0);
    PUT(BEGIN + 0x50, 0x48, 0x83, 0xC4, 0x20, 0x41, 0x5C, 0x5B, 0xC3);
    assert_int_equal(step(0), 0);
    expect_stack(2);
    assert_int_equal(context.Rbx, 0x1000);
    assert_int_equal(context.R12, 0x100 + R12);
}

static void an_epilogue_may_begin_at_the_frame_register(void **state)
{
    (void)state;
    prepare(0x50);
    PUT(DATA, 1, 12, 3, 0x05, 10, 0x03, 5, 0x32, 1, 0x50, 0, 0);
    PUT(BEGIN + 0x50, 0x48, 0x8D, 0x65, 0x20, 0x5D, 0xC3); /* lea rsp, [rbp + 32] */
    context.Rbp = (uintptr_t)&stack[50];
    assert_int_equal(step(0), 0);
    expect_stack(50 + 4 + 1 + 1);
}

static void a_jump_to_another_function_ends_an_epilogue(void **state)
{
    (void)state;
    prepare(0x50);
    PUT(DATA, 1, 0, 1, 0, 0, 0x32, 0, 0);
    PUT(BEGIN + 0x50, 0xE9, 0xAB, 0x02, 0, 0); /* to 400h */
    assert_int_equal(step(0), 0);
    expect_stack(1);
    prepare(0x50);
    PUT(DATA, 1, 0, 1, 0, 0, 0x32, 0, 0);
    PUT(BEGIN + 0x50, 0xEB, 0x10); /* in the function */
    assert_int_equal(step(0), 0);
    expect_stack(5);
}

static void version_2_says_where_epilogues_are(void **state)
{
    (void)state;
    prepare(0x50);
    PUT(DATA, 2, 4, 3, 0, 6, 0x16, 0, 0x06, 4, 0x32, 0, 0);
    assert_int_equal(step(0), 0);
    expect_stack(5);
}

/* ---- data that lie ---- */

static void unknown_codes_and_versions_are_refused(void **state)
{
    (void)state;
    prepare(0x50);
    PUT(DATA, 1, 0, 1, 0, 0, 0x0B, 0, 0);
    expect_refusal(DATA + 4, "no such unwind code");
    prepare(0x50);
    PUT(DATA, 1, 0, 1, 0, 0, 0x21, 0, 0); /* an allocation of a third size */
    expect_refusal(DATA + 4, "no such unwind code");
    prepare(0x50);
    PUT(DATA, 3, 0, 0, 0);
    expect_refusal(DATA, "version");
}

static void a_code_that_is_cut_off_is_refused(void **state)
{
    (void)state;
    prepare(0x50);
    PUT(DATA, 1, 0, 2, 0, 0, 0x02, 0, 0x11);
    expect_refusal(DATA + 6, "cut off");
}

static void data_outside_the_image_are_refused(void **state)
{
    const struct pe_function behind = {BEGIN, END, IMAGE_BYTES - 2};
    const struct pe_function far_away = {BEGIN, END, 0x7FFFFFF0};
    const struct pe_function last = {BEGIN, END, IMAGE_BYTES - 8};

    (void)state;
    prepare(0x50);
    assert_true(unwind_step(&source, &behind, 0, &context, &frame, NULL, &fault) < 0);
    assert_true(unwind_step(&source, &far_away, 0, &context, &frame, NULL, &fault) < 0);
    PUT(IMAGE_BYTES - 8, 1, 0, 200, 0);
    assert_true(unwind_step(&source, &last, 0, &context, &frame, NULL, &fault) < 0);
    assert_non_null(strstr(fault.what, "reach out of the image"));
    assert_false(read_elsewhere);
}

static void a_handler_outside_the_image_is_refused(void **state)
{
    (void)state;
    prepare(0x50);
    PUT(DATA, 1 | 1 << 3, 0, 0, 0, 0, 0, 0, 0x7F);
    expect_refusal(DATA + 4, "handler");
}

static void circles_have_an_end(void **state)
{
    const struct pe_function itself = {BEGIN, END, OTHER_ROW | 1};

    (void)state;
    prepare(0x50);
    PUT(DATA, 1 | 4 << 3, 0, 0, 0, 0x00, 0x01, 0, 0, 0x00, 0x02, 0, 0, 0x00, 0x10, 0, 0);
    expect_refusal(DATA + 4, "circle");
    put(OTHER_ROW, &itself, sizeof(itself));
    assert_true(unwind_step(&source, &itself, 0, &context, &frame, NULL, &fault) < 0);
    assert_non_null(strstr(fault.what, "circle"));
}

static void a_stack_that_is_not_there_is_refused(void **state)
{
    (void)state;
    prepare(0x50);
    PUT(DATA, 1, 0, 1, 0, 0, 0x30, 0, 0);
    context.Rsp = 8;
    expect_refusal(DATA + 4, "stack");
    context.Rip = address_of(0x300);
    context.Rsp = UINT64_MAX;
    assert_true(step(0) < 0);
}

/* Whatever the bytes are, nothing of the image is read outside it, and it ends. */
static void no_bytes_lead_out_of_the_image(void **state)
{
    uint64_t random = 4711;

    (void)state;
    for (unsigned i = 0; i < MUTATIONS; i++) {
        prepare(0);
        for (unsigned j = 0; j < 48; j++) {
            random = random * 6364136223846793005ull + 1442695040888963407ull;
            image[DATA + j] = (unsigned char)(random >> 56);
            image[BEGIN + 0x50 + j] = (unsigned char)(random >> 48);
        }
        if (random & 1)
            image[DATA] = (unsigned char)(1 | (random >> 40 & 7) << 3);
        context.Rip = address_of(BEGIN + (random >> 32 & 0x7F));
        for (unsigned j = 0; j < 4 && step(UNWIND_EXCEPTION_HANDLER) == 0; j++)
            if (frame.handler)
                assert_in_range(frame.handler, address_of(0), address_of(IMAGE_BYTES - 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leaf_has_only_its_return_address),
        cmocka_unit_test(pushes_and_allocations_are_undone),
        cmocka_unit_test(in_a_prologue_only_what_was_done_is_undone),
        cmocka_unit_test(a_frame_register_tells_the_frame),
        cmocka_unit_test(saved_registers_come_from_the_frame),
        cmocka_unit_test(a_machine_frame_has_another_stack),
        cmocka_unit_test(handlers_are_those_asked_for),
        cmocka_unit_test(a_prologue_has_no_handler),
        cmocka_unit_test(a_part_of_a_function_is_unwound_with_the_whole),
        cmocka_unit_test(a_row_may_refer_to_another),
        cmocka_unit_test(what_is_left_of_an_epilogue_is_carried_out),
        cmocka_unit_test(an_epilogue_may_begin_at_the_frame_register),
        cmocka_unit_test(a_jump_to_another_function_ends_an_epilogue),
        cmocka_unit_test(version_2_says_where_epilogues_are),
        cmocka_unit_test(unknown_codes_and_versions_are_refused),
        cmocka_unit_test(a_code_that_is_cut_off_is_refused),
        cmocka_unit_test(data_outside_the_image_are_refused),
        cmocka_unit_test(a_handler_outside_the_image_is_refused),
        cmocka_unit_test(circles_have_an_end),
        cmocka_unit_test(a_stack_that_is_not_there_is_refused),
        cmocka_unit_test(no_bytes_lead_out_of_the_image),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
