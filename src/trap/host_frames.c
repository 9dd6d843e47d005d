/*
 * host_frames.c - one step up the stack by DWARF call frame information (.eh_frame).
 *
 * The tables are our own compiler's or a module's that the dynamic linker has taken; the stack may
 * be anything, so it is read by the routine that survives that.
 */
#include "trap/host_frames.h"

#include "image/unwind.h"
#include "trap/frame.h"

#include <dlfcn.h>
#include <string.h>

enum {
    COLUMNS = 33, /* sixteen registers, the return address, sixteen vectors */
    COLUMN_STACK = 7,
    COLUMN_RETURN = 16,
    COLUMN_XMM = 17,
    STATES_MAX = 4,
    EVALUATION_MAX = 16,

    ENCODING_ABSOLUTE = 0x00,
    ENCODING_UDATA4 = 0x03,
    ENCODING_SDATA4 = 0x0B,
    ENCODING_PC_RELATIVE = 0x10,
    ENCODING_DATA_SDATA4 = 0x3B,
    ENCODING_OMIT = 0xFF,
};

/* ---- bytes ---- */

struct cursor {
    const uint8_t *at, *end;
};

static uint64_t take(struct cursor *cursor, unsigned size)
{
    uint64_t value = 0;

    if ((size_t)(cursor->end - cursor->at) < size) {
        cursor->at = cursor->end;
        return 0;
    }
    memcpy(&value, cursor->at, size);
    cursor->at += size;
    return value;
}

static uint64_t take_uleb(struct cursor *cursor)
{
    uint64_t value = 0;

    for (unsigned shift = 0; cursor->at < cursor->end; shift += 7) {
        uint8_t byte = *cursor->at++;
        if (shift < 64)
            value |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80))
            break;
    }
    return value;
}

static int64_t take_sleb(struct cursor *cursor)
{
    uint64_t value = 0;
    unsigned shift = 0;

    while (cursor->at < cursor->end) {
        uint8_t byte = *cursor->at++;
        if (shift < 64)
            value |= (uint64_t)(byte & 0x7F) << shift;
        shift += 7;
        if (byte & 0x80)
            continue;
        if (byte & 0x40 && shift < 64)
            value |= ~(uint64_t)0 << shift;
        break;
    }
    return (int64_t)value;
}

static struct cursor take_block(struct cursor *cursor)
{
    uint64_t size = take_uleb(cursor);
    struct cursor block = {cursor->at, cursor->at};

    if (size <= (size_t)(cursor->end - cursor->at))
        block.end = cursor->at += size;
    return block;
}

/* Pointers as compilers for x86-64 write them; 0: another form. */
static uint64_t take_pointer(struct cursor *cursor, uint8_t encoding)
{
    uint64_t place = (uintptr_t)cursor->at;
    uint64_t value;

    switch (encoding & 0x0F) {
    case ENCODING_ABSOLUTE:
    case 0x04:
    case 0x0C:
        value = take(cursor, 8);
        break;
    case ENCODING_UDATA4:
        value = take(cursor, 4);
        break;
    case ENCODING_SDATA4:
        value = (uint64_t)(int64_t)(int32_t)take(cursor, 4);
        break;
    default:
        return 0;
    }
    return (encoding & 0x70) == ENCODING_PC_RELATIVE ? place + value : value;
}

/* ---- the entry of an address ---- */

struct entry {
    uint64_t begin, end;
    uint64_t code_factor;
    int64_t data_factor;
    unsigned return_column;
    bool is_signal;
    struct cursor common, own; /* instructions */
};

static bool read_record(const uint8_t *at, struct cursor *ret_record)
{
    struct cursor cursor = {at, at + sizeof(uint32_t)};
    uint64_t size = take(&cursor, 4);

    if (!size || size == UINT32_MAX)
        return false;
    *ret_record = (struct cursor){cursor.at, cursor.at + size};
    return true;
}

/* `ret_encoding`: of addresses in the records that refer to this one. */
static bool read_common(const uint8_t *at, struct entry *entry, uint8_t *ret_encoding,
                        bool *ret_augmented)
{
    struct cursor cursor;

    if (!read_record(at, &cursor) || take(&cursor, 4) != 0)
        return false;
    uint64_t version = take(&cursor, 1);
    const char *augmentation = (const char *)cursor.at;
    size_t length = strnlen(augmentation, (size_t)(cursor.end - cursor.at));
    cursor.at += length + (cursor.at + length < cursor.end ? 1 : 0);
    entry->code_factor = take_uleb(&cursor);
    entry->data_factor = take_sleb(&cursor);
    entry->return_column = (unsigned)(version == 1 ? take(&cursor, 1) : take_uleb(&cursor));
    *ret_encoding = ENCODING_ABSOLUTE;
    *ret_augmented = length && augmentation[0] == 'z';
    if (length && !*ret_augmented)
        return false;
    struct cursor data = *ret_augmented ? take_block(&cursor) : (struct cursor){NULL, NULL};
    for (size_t i = 1; i < length; i++) {
        if (augmentation[i] == 'R')
            *ret_encoding = (uint8_t)take(&data, 1);
        else if (augmentation[i] == 'P')
            take_pointer(&data, (uint8_t)(take(&data, 1) & 0x7F));
        else if (augmentation[i] == 'L')
            take(&data, 1);
        else if (augmentation[i] == 'S')
            entry->is_signal = true;
        else
            return false;
    }
    entry->common = cursor;
    return (version == 1 || version == 3) && entry->return_column < COLUMNS;
}

static bool read_entry(const uint8_t *at, struct entry *entry)
{
    struct cursor cursor;
    uint8_t encoding;
    bool augmented;

    if (!read_record(at, &cursor))
        return false;
    const uint8_t *back = cursor.at;
    uint64_t distance = take(&cursor, 4);
    if (!distance || !read_common(back - distance, entry, &encoding, &augmented))
        return false;
    entry->begin = take_pointer(&cursor, encoding);
    entry->end = entry->begin + take_pointer(&cursor, encoding & 0x0F);
    if (augmented)
        (void)take_block(&cursor);
    entry->own = cursor;
    return true;
}

/* By the sorted table that linkers write before .eh_frame. */
static bool find_entry(uint64_t address, struct entry *ret_entry)
{
    struct dl_find_object object;

    if (_dl_find_object((void *)(uintptr_t)address, &object) != 0) // NOLINT
        return false;
    const uint8_t *header = object.dlfo_eh_frame;
    if (!header || header[0] != 1 || header[1] == ENCODING_OMIT || header[2] != ENCODING_UDATA4 ||
        header[3] != ENCODING_DATA_SDATA4)
        return false;
    struct cursor cursor = {header + 4, header + 20};
    take_pointer(&cursor, header[1]);
    uint32_t low = 0, high = (uint32_t)take(&cursor, 4);
    const int32_t(*rows)[2] = (const int32_t(*)[2])(const void *)cursor.at;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (address < (uintptr_t)(header + rows[middle][0]))
            high = middle;
        else
            low = middle + 1;
    }
    *ret_entry = (struct entry){.begin = 0};
    return low && read_entry(header + rows[low - 1][1], ret_entry) && address >= ret_entry->begin &&
           address < ret_entry->end;
}

/* ---- rules ---- */

enum rule_kind { SAME, UNDEFINED, AT_OFFSET, IS_OFFSET, IN_REGISTER, AT_EXPRESSION, IS_EXPRESSION };

struct rule {
    uint8_t kind; /* enum rule_kind */
    int64_t offset;
    struct cursor expression;
};

struct state {
    struct rule frame; /* IS_OFFSET to `frame_column`, or IS_EXPRESSION */
    unsigned frame_column;
    struct rule columns[COLUMNS];
};

struct machine {
    const struct entry *entry;
    struct state state, initial, remembered[STATES_MAX];
    unsigned remembered_count;
    uint64_t location;
};

static void set_rule(struct machine *machine, uint64_t column, struct rule rule)
{
    if (column < COLUMNS)
        machine->state.columns[column] = rule;
}

static void set_offset(struct machine *machine, uint64_t column, int64_t factored)
{
    set_rule(machine, column,
             (struct rule){.kind = AT_OFFSET, .offset = factored * machine->entry->data_factor});
}

/* The forms that have their operand in the operation's own byte, and those that move on. */
static bool run_short(struct machine *machine, uint8_t operation, struct cursor *cursor)
{
    unsigned operand = operation & 0x3F;

    switch (operation & 0xC0) {
    case 0x40:
        machine->location += operand * machine->entry->code_factor;
        return true;
    case 0x80:
        set_offset(machine, operand, (int64_t)take_uleb(cursor));
        return true;
    case 0xC0:
        if (operand < COLUMNS)
            machine->state.columns[operand] = machine->initial.columns[operand];
        return true;
    default:
        break;
    }
    if (operation < 2 || operation > 4)
        return false;
    machine->location += take(cursor, 1u << (operation - 2)) * machine->entry->code_factor;
    return true;
}

static void define_frame(struct machine *machine, uint64_t column, int64_t offset)
{
    machine->state.frame_column = column < COLUMN_RETURN ? (unsigned)column : COLUMN_STACK;
    machine->state.frame = (struct rule){.kind = IS_OFFSET, .offset = offset};
}

static bool run_frame(struct machine *machine, uint8_t operation, struct cursor *cursor)
{
    int64_t factor = machine->entry->data_factor;
    uint64_t column;

    switch (operation) {
    case 0x0C: /* def_cfa */
        column = take_uleb(cursor);
        define_frame(machine, column, (int64_t)take_uleb(cursor));
        return true;
    case 0x12: /* def_cfa_sf */
        column = take_uleb(cursor);
        define_frame(machine, column, take_sleb(cursor) * factor);
        return true;
    case 0x0D: /* def_cfa_register */
        define_frame(machine, take_uleb(cursor), machine->state.frame.offset);
        return true;
    case 0x0E: /* def_cfa_offset */
        define_frame(machine, machine->state.frame_column, (int64_t)take_uleb(cursor));
        return true;
    case 0x13: /* def_cfa_offset_sf */
        define_frame(machine, machine->state.frame_column, take_sleb(cursor) * factor);
        return true;
    case 0x0F: /* def_cfa_expression */
        machine->state.frame =
            (struct rule){.kind = IS_EXPRESSION, .expression = take_block(cursor)};
        return true;
    default:
        return false;
    }
}

/* False: an operation that compilers do not write for this processor. */
static bool run_column(struct machine *machine, uint8_t operation, struct cursor *cursor)
{
    uint64_t column = take_uleb(cursor);

    switch (operation) {
    case 0x05: /* offset_extended */
        set_offset(machine, column, (int64_t)take_uleb(cursor));
        return true;
    case 0x11: /* offset_extended_sf */
        set_offset(machine, column, take_sleb(cursor));
        return true;
    case 0x06: /* restore_extended */
        if (column < COLUMNS)
            machine->state.columns[column] = machine->initial.columns[column];
        return true;
    case 0x07:
        set_rule(machine, column, (struct rule){.kind = UNDEFINED});
        return true;
    case 0x08:
        set_rule(machine, column, (struct rule){.kind = SAME});
        return true;
    case 0x09:
        set_rule(machine, column,
                 (struct rule){.kind = IN_REGISTER, .offset = (int64_t)take_uleb(cursor)});
        return true;
    case 0x14: /* val_offset */
        set_rule(machine, column,
                 (struct rule){.kind = IS_OFFSET,
                               .offset = (int64_t)take_uleb(cursor) * machine->entry->data_factor});
        return true;
    case 0x10: /* expression */
    case 0x16: /* val_expression */
        set_rule(machine, column,
                 (struct rule){.kind = operation == 0x10 ? AT_EXPRESSION : IS_EXPRESSION,
                               .expression = take_block(cursor)});
        return true;
    default:
        return false;
    }
}

static bool run_other(struct machine *machine, uint8_t operation, struct cursor *cursor)
{
    switch (operation) {
    case 0x00:
        return true;
    case 0x01: /* set_loc: only in tables without a code factor */
        return false;
    case 0x0A:
        if (machine->remembered_count == STATES_MAX)
            return false;
        machine->remembered[machine->remembered_count++] = machine->state;
        return true;
    case 0x0B:
        if (!machine->remembered_count)
            return false;
        machine->state = machine->remembered[--machine->remembered_count];
        return true;
    case 0x2E: /* GNU_args_size */
        take_uleb(cursor);
        return true;
    default:
        return run_frame(machine, operation, cursor) || run_column(machine, operation, cursor);
    }
}

/* The rules that hold at `address`. */
static bool run(struct machine *machine, struct cursor cursor, uint64_t address)
{
    while (cursor.at < cursor.end && machine->location <= address) {
        uint8_t operation = *cursor.at++;
        if (!run_short(machine, operation, &cursor) && !run_other(machine, operation, &cursor))
            return false;
    }
    return true;
}

/* ---- values ---- */

/* How DWARF numbers the registers, in the processor's own numbers. */
static const uint8_t numbers[16] = {0, 2, 1, 3, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15};

static uint64_t column_value(CONTEXT *context, uint64_t column)
{
    if (column < 16)
        return *unwind_register(context, numbers[column]);
    return column == COLUMN_RETURN ? context->Rip : 0;
}

static bool load(uint64_t address, void *to, size_t size)
{
    return trap_try_copy(to, (const void *)(uintptr_t)address, size); // NOLINT
}

struct evaluation {
    CONTEXT *context;
    uint64_t values[EVALUATION_MAX];
    unsigned count;
};

static bool push(struct evaluation *evaluation, uint64_t value)
{
    if (evaluation->count == EVALUATION_MAX)
        return false;
    evaluation->values[evaluation->count++] = value;
    return true;
}

static bool evaluate_pair(struct evaluation *evaluation, uint8_t operation)
{
    if (evaluation->count < 2)
        return false;
    uint64_t second = evaluation->values[--evaluation->count];
    uint64_t *first = &evaluation->values[evaluation->count - 1];
    switch (operation) {
    case 0x1A:
        *first &= second;
        return true;
    case 0x1C:
        *first -= second;
        return true;
    case 0x21:
        *first |= second;
        return true;
    case 0x22:
        *first += second;
        return true;
    case 0x24:
        *first = second < 64 ? *first << second : 0;
        return true;
    case 0x2A:
        *first = (int64_t)*first >= (int64_t)second;
        return true;
    default:
        return false;
    }
}

/* The operations that signal frames and linkage tables are described with. */
static bool evaluate_one(struct evaluation *evaluation, uint8_t operation, struct cursor *cursor)
{
    if (operation >= 0x30 && operation <= 0x4F)
        return push(evaluation, operation - 0x30u);
    if (operation >= 0x70 && operation <= 0x8F)
        return push(evaluation, column_value(evaluation->context, operation - 0x70u) +
                                    (uint64_t)take_sleb(cursor));
    switch (operation) {
    case 0x06: /* deref */
        return evaluation->count && load(evaluation->values[evaluation->count - 1],
                                         &evaluation->values[evaluation->count - 1], 8);
    case 0x08:
        return push(evaluation, take(cursor, 1));
    case 0x0A:
        return push(evaluation, take(cursor, 2));
    case 0x0C:
        return push(evaluation, take(cursor, 4));
    case 0x10:
        return push(evaluation, take_uleb(cursor));
    case 0x11:
        return push(evaluation, (uint64_t)take_sleb(cursor));
    case 0x23: /* plus_uconst */
        if (!evaluation->count)
            return false;
        evaluation->values[evaluation->count - 1] += take_uleb(cursor);
        return true;
    default:
        return evaluate_pair(evaluation, operation);
    }
}

/* `first` lies on the stack already, unless it is NULL. */
static bool evaluate(CONTEXT *context, struct cursor cursor, const uint64_t *first,
                     uint64_t *ret_value)
{
    struct evaluation evaluation = {.context = context};

    if (first)
        push(&evaluation, *first);
    while (cursor.at < cursor.end) {
        uint8_t operation = *cursor.at++;
        if (!evaluate_one(&evaluation, operation, &cursor))
            return false;
    }
    if (!evaluation.count)
        return false;
    *ret_value = evaluation.values[evaluation.count - 1];
    return true;
}

static bool store_column(CONTEXT *context, unsigned column, const void *value)
{
    if (column < 16)
        memcpy(unwind_register(context, numbers[column]), value, sizeof(uint64_t));
    else if (column == COLUMN_RETURN)
        memcpy(&context->Rip, value, sizeof(uint64_t));
    else
        memcpy(&context->Xmm0 + (column - COLUMN_XMM), value, sizeof(M128A));
    return true;
}

/* From `old` registers into `context`. */
static bool apply(CONTEXT *context, CONTEXT *old, unsigned column, const struct rule *rule,
                  uint64_t frame)
{
    uint64_t address = frame + (uint64_t)rule->offset, bytes[2] = {0};

    switch (rule->kind) {
    case AT_EXPRESSION:
        if (!evaluate(old, rule->expression, &frame, &address))
            return false;
        break;
    case AT_OFFSET:
        break;
    case IS_OFFSET:
        bytes[0] = address;
        return store_column(context, column, bytes);
    case IN_REGISTER:
        bytes[0] = column_value(old, (uint64_t)rule->offset);
        return store_column(context, column, bytes);
    case IS_EXPRESSION:
        return evaluate(old, rule->expression, &frame, bytes) &&
               store_column(context, column, bytes);
    case UNDEFINED:
        return column != COLUMN_RETURN; /* a thread's first function says so */
    default:
        return true;
    }
    return load(address, bytes, column >= COLUMN_XMM ? sizeof(M128A) : sizeof(uint64_t)) &&
           store_column(context, column, bytes);
}

bool host_frame_step(CONTEXT *context, bool *after_call, uint64_t *ret_function)
{
    CONTEXT old = *context;
    struct entry entry;
    uint64_t address = context->Rip - (*after_call ? 1 : 0), frame;

    if (!find_entry(address, &entry) && !(*after_call && find_entry(++address, &entry)))
        return false;
    struct machine machine = {.entry = &entry, .location = entry.begin};
    if (!run(&machine, entry.common, UINT64_MAX - 1))
        return false;
    machine.initial = machine.state;
    if (!run(&machine, entry.own, address))
        return false;
    if (machine.state.frame.kind == IS_EXPRESSION) {
        if (!evaluate(&old, machine.state.frame.expression, NULL, &frame))
            return false;
    } else {
        frame =
            column_value(&old, machine.state.frame_column) + (uint64_t)machine.state.frame.offset;
    }
    context->Rsp = frame;
    for (unsigned column = 0; column < COLUMNS; column++)
        if (!apply(context, &old, column, &machine.state.columns[column], frame))
            return false;
    if (machine.state.columns[entry.return_column].kind == SAME)
        return false;
    *ret_function = entry.begin;
    *after_call = !entry.is_signal;
    return context->Rip != 0;
}
