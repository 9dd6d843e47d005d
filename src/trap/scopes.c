/*
 * scopes.c - the handler of C: a table of scopes, each with a filter and a place to go on, or with
 * a block that runs at the end in any case.
 *
 * Scopes stand in the table from the inside out. The table is the image's, so it may be anything.
 */
#include "trap/exceptions.h"

#include "image/pe_exceptions.h"
#include "trap/frame.h"

enum { ALWAYS = 1, TABLE_HEADER_BYTES = 4 };

struct scope {
    uint32_t begin, end;
    uint32_t handler; /* a filter, or ALWAYS; a block, if there is no target */
    uint32_t target;
};

typedef int32_t NT_ABI (*scope_filter)(EXCEPTION_POINTERS *pointers, uint64_t establisher);
typedef void NT_ABI (*scope_block)(int32_t abnormal, uint64_t establisher);

struct table {
    const struct trap_dispatcher *dispatcher;
    uint64_t image_size;
    uint32_t count;
};

static const void *scope_address(const struct table *table, uint32_t index)
{
    return (const uint8_t *)table->dispatcher->handler_data + TABLE_HEADER_BYTES +
           (size_t)index * sizeof(struct scope);
}

static bool open_table(const struct trap_dispatcher *dispatcher, struct table *ret_table)
{
    struct pe_exception_table image;
    uint32_t count;

    if (!pe_exception_table_of(dispatcher->handler_data, &image) ||
        !trap_try_copy(&count, dispatcher->handler_data, sizeof(count)))
        return false;
    uint64_t offset = (uintptr_t)dispatcher->handler_data - (uintptr_t)image.base;
    if (count > (image.size - offset) / sizeof(struct scope))
        return false;
    *ret_table = (struct table){dispatcher, image.size, count};
    return true;
}

/* What a call that never returns is followed by may belong to another scope. */
static uint64_t offset_of(const struct trap_dispatcher *dispatcher)
{
    return dispatcher->control_pc - dispatcher->image_base - (dispatcher->after_call ? 1 : 0);
}

static bool contains(const struct scope *scope, uint64_t offset)
{
    return offset >= scope->begin && offset < scope->end;
}

/* False: not in the image. */
static bool read_scope(const struct table *table, uint32_t index, struct scope *scope)
{
    return trap_try_copy(scope, scope_address(table, index), sizeof(*scope)) &&
           scope->handler < table->image_size && scope->target < table->image_size;
}

static int32_t ask_filter(const struct table *table, const struct scope *scope,
                          EXCEPTION_POINTERS *pointers)
{
    if (scope->handler == ALWAYS)
        return 1;
    // NOLINTNEXTLINE
    scope_filter filter = (scope_filter)(uintptr_t)(table->dispatcher->image_base + scope->handler);
    return filter(pointers, table->dispatcher->establisher);
}

static int ask_scopes(const struct table *table, EXCEPTION_RECORD *record, CONTEXT *context)
{
    const struct trap_dispatcher *dispatcher = table->dispatcher;
    uint64_t offset = offset_of(dispatcher);
    EXCEPTION_POINTERS pointers = {record, context};
    struct scope scope;

    for (uint32_t i = dispatcher->scope_index; i < table->count; i++) {
        if (!read_scope(table, i, &scope) || !contains(&scope, offset) || !scope.target)
            continue;
        int32_t answer = ask_filter(table, &scope, &pointers);
        if (answer < 0)
            return TRAP_CONTINUE_EXECUTION;
        if (answer > 0)
            trap_exception_unwind(dispatcher->establisher, dispatcher->image_base + scope.target,
                                  record, (uint32_t)record->ExceptionCode);
    }
    return TRAP_CONTINUE_SEARCH;
}

/* A scope that the target lies in is not left, nor are those around it. */
static int clean_up_scopes(const struct table *table, struct trap_dispatcher *dispatcher,
                           bool is_target)
{
    uint64_t offset = offset_of(dispatcher);
    uint64_t target = dispatcher->target_ip - dispatcher->image_base;
    struct scope scope;

    for (uint32_t i = dispatcher->scope_index; i < table->count; i++) {
        if (!read_scope(table, i, &scope) || !contains(&scope, offset))
            continue;
        if (is_target && (contains(&scope, target) || (scope.target && scope.target == target)))
            break;
        if (scope.target)
            continue;
        /* If the block raises an exception, it has had its turn. */
        dispatcher->scope_index = i + 1;
        // NOLINTNEXTLINE
        scope_block block = (scope_block)(uintptr_t)(dispatcher->image_base + scope.handler);
        block(1, dispatcher->establisher);
    }
    return TRAP_CONTINUE_SEARCH;
}

int trap_scopes_handle(EXCEPTION_RECORD *record, CONTEXT *context,
                       struct trap_dispatcher *dispatcher)
{
    struct table table;

    if (!open_table(dispatcher, &table))
        return TRAP_CONTINUE_SEARCH;
    if (record->ExceptionFlags & EXCEPTION_UNWIND)
        return clean_up_scopes(&table, dispatcher,
                               record->ExceptionFlags & EXCEPTION_TARGET_UNWIND);
    return ask_scopes(&table, record, context);
}
