/*
 * fake_port.c - see fake_port.h. One unit, one lock around its memory.
 */
#include "fake_port.h"

#include "sys/sys.h"

#include <stdlib.h>
#include <string.h>

enum { FAULTS_MAX = 16, COMMANDS_MAX = 65536 };

struct port_adapter {
    int unused;
};
struct port_unit {
    int references;
};
struct port_queue {
    struct port_request *first;
    unsigned count;
};

const struct fake_config fake_default = {
    .block_count = 1024,
    .block_size = 512,
    .transfer_limit = 64 << 10,
    .depth = 32,
    .write_cache = true,
    .fua = true,
    .thin = true,
    .takes_unmap = true,
    .takes_write_same_unmap = true,
    .unmap_blocks_max = 300,
    .write_same_blocks_max = 200,
    .seed = 1,
};

static struct {
    struct sys_mutex mutex;
    struct fake_config config;
    struct port_adapter adapter;
    struct port_unit unit;
    uint8_t *bytes, *durable;
    bool present, no_medium, medium_is_new, stopped;
    uint32_t resets;
    uint32_t attentions; /* that the port's own commands have met */
    struct fault faults[FAULTS_MAX];
    size_t fault_count;
    struct fake_command commands[COMMANDS_MAX];
    size_t command_count;
    unsigned under_way, most_at_once;
    uint64_t random;
} fake;

static uint64_t random_next(void)
{
    fake.random += 0x9E3779B97F4A7C15ull;
    uint64_t x = fake.random;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    return x ^ (x >> 29);
}

static uint64_t be(const uint8_t *bytes, unsigned count)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

static void put_be(uint8_t *bytes, unsigned count, uint64_t value)
{
    for (unsigned i = count; i-- > 0; value >>= 8)
        bytes[i] = (uint8_t)value;
}

struct port_unit *fake_start(const struct fake_config *config)
{
    size_t size = config->block_count * config->block_size;

    fake_stop();
    fake.config = *config;
    fake.random = config->seed;
    fake.bytes = calloc(1, size);
    fake.durable = calloc(1, size);
    sh_assert(fake.bytes != NULL && fake.durable != NULL);
    fake.present = true;
    fake.no_medium = fake.medium_is_new = false;
    fake.stopped = config->starts_stopped;
    fake.fault_count = 0;
    fake.unit.references = 1;
    fake_forget();
    return &fake.unit;
}

void fake_stop(void)
{
    free(fake.bytes);
    free(fake.durable);
    fake.bytes = NULL;
    fake.durable = NULL;
}

void fake_plant(const struct fault *fault)
{
    sh_assert(fake.fault_count < FAULTS_MAX);
    fake.faults[fake.fault_count++] = *fault;
}

void fake_plant_sense(uint8_t operation, unsigned count, uint8_t key, uint8_t asc, uint8_t ascq)
{
    struct fault fault = {.operation = operation,
                          .count = count,
                          .srb_status = 0x04,
                          .scsi_status = 0x02,
                          .sense = {0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, asc, ascq},
                          .sense_length = 18};
    fake_plant(&fault);
}

void fake_reset(void)
{
    fake.resets++;
    fake_plant_sense(0x28, 1, 6, 0x29, 0);
}

void fake_port_meets(uint32_t attentions)
{
    fake.attentions |= attentions;
}

void fake_lose_cache(void)
{
    sys_mutex_lock(&fake.mutex);
    memcpy(fake.bytes, fake.durable, fake.config.block_count * fake.config.block_size);
    sys_mutex_unlock(&fake.mutex);
}

void fake_set_block_count(uint64_t block_count)
{
    sh_assert(block_count <= fake.config.block_count);
    fake.config.block_count = block_count;
}

void fake_remove(void)
{
    fake.present = false;
}

void fake_set_medium(bool present)
{
    fake.medium_is_new = present;
    fake.no_medium = !present;
}

size_t fake_commands_besides(const uint8_t *codes, size_t count)
{
    size_t others = 0;
    for (size_t i = 0; i < fake.command_count; i++)
        others += memchr(codes, fake.commands[i].operation, count) == NULL;
    return others;
}

uint8_t *fake_bytes(void)
{
    return fake.bytes;
}

uint8_t *fake_durable_bytes(void)
{
    return fake.durable;
}

size_t fake_command_count(uint8_t operation)
{
    size_t count = 0;
    for (size_t i = 0; i < fake.command_count; i++)
        count += fake.commands[i].operation == operation;
    return count;
}

const struct fake_command *fake_command_at(size_t index)
{
    return &fake.commands[index];
}

size_t fake_commands(void)
{
    return fake.command_count;
}

void fake_forget(void)
{
    fake.command_count = 0;
    fake.most_at_once = 0;
}

unsigned fake_most_at_once(void)
{
    return fake.most_at_once;
}

/* ---- the disk ---- */

static void fail(struct port_request *request, uint8_t key, uint8_t asc, uint8_t ascq)
{
    uint8_t sense[18] = {0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, asc, ascq};

    request->srb_status = 0x04;
    request->scsi_status = 0x02;
    request->transferred = 0;
    request->sense_length = sizeof(sense);
    memcpy(request->sense, sense, sizeof(sense));
}

static void answer(struct port_request *request, const void *bytes, uint32_t length)
{
    if (length > request->length)
        length = request->length;
    else if (length < request->length)
        request->srb_status = 0x12; /* underrun */
    memcpy(request->single.base, bytes, length);
    request->transferred = length;
}

static bool in_range(struct port_request *request, uint64_t block, uint64_t count)
{
    if (block <= fake.config.block_count && count <= fake.config.block_count - block)
        return true;
    fail(request, 5, 0x21, 0);
    return false;
}

static void do_transfer(struct port_request *request, uint64_t block, uint32_t count, bool write)
{
    size_t at = block * fake.config.block_size, length = (size_t)count * fake.config.block_size;
    bool fua = (request->cdb[1] & 8) != 0;

    sh_assert(length == request->length);
    sh_assert(length <= fake.config.transfer_limit);
    sh_assert(!fua || fake.config.fua);
    if (!in_range(request, block, count))
        return;
    if (!write) {
        memcpy(request->single.base, fake.bytes + at, length);
    } else if (fake.config.read_only) {
        fail(request, 7, 0x27, 0);
        return;
    } else {
        memcpy(fake.bytes + at, request->single.base, length);
        if (fua || !fake.config.write_cache)
            memcpy(fake.durable + at, request->single.base, length);
    }
    request->transferred = request->length;
}

static void put_capacity(uint8_t *bytes, unsigned width)
{
    bool lies = fake.config.told_last_block != 0 || fake.config.told_block_size != 0;

    if (fake.config.tells_nothing)
        return;
    put_be(bytes, width, lies ? fake.config.told_last_block : fake.config.block_count - 1);
    put_be(bytes + width, 4,
           fake.config.told_block_size != 0 ? fake.config.told_block_size : fake.config.block_size);
}

static void do_capacity_16(struct port_request *request)
{
    uint8_t bytes[32] = {0};

    if (fake.config.no_capacity_16) {
        fail(request, 5, 0x20, 0);
        return;
    }
    put_capacity(bytes, 8);
    bytes[13] = (uint8_t)fake.config.physical_exponent;
    bytes[14] = fake.config.thin ? 0x80 : 0;
    answer(request, bytes, sizeof(bytes));
}

static void do_capacity_10(struct port_request *request)
{
    uint8_t bytes[8] = {0};

    put_capacity(bytes, 4);
    answer(request, bytes, sizeof(bytes));
}

static void do_inquiry_page(struct port_request *request)
{
    uint8_t bytes[64] = {0, request->cdb[2]};

    switch (fake.config.no_limits_page ? 0xFF : request->cdb[2]) {
    case 0x00:
        memcpy(bytes + 3, (uint8_t[]){3, 0x00, 0xB0, 0xB2}, 4);
        answer(request, bytes, 7);
        return;
    case 0xB0:
        bytes[3] = 60;
        put_be(bytes + 8, 4, fake.config.transfer_blocks_max);
        put_be(bytes + 20, 4, fake.config.unmap_blocks_max);
        put_be(bytes + 24, 4, 1);
        put_be(bytes + 36, 8, fake.config.write_same_blocks_max);
        answer(request, bytes, 64);
        return;
    case 0xB2:
        bytes[3] = 4;
        bytes[5] =
            (fake.config.takes_unmap ? 0x80 : 0) | (fake.config.takes_write_same_unmap ? 0x40 : 0);
        answer(request, bytes, 8);
        return;
    default:
        fail(request, 5, 0x24, 0);
    }
}

static void do_mode_sense_6(struct port_request *request)
{
    uint8_t bytes[24] = {23, 0, 0, 0, 0x08, 18};

    if (fake.config.no_mode_page) {
        fail(request, 5, 0x20, 0);
        return;
    }
    bytes[2] = (fake.config.read_only ? 0x80 : 0) | (fake.config.fua ? 0x10 : 0);
    bytes[6] = fake.config.write_cache ? 4 : 0;
    answer(request, bytes, sizeof(bytes));
}

static void do_mode_sense_10(struct port_request *request)
{
    uint8_t bytes[28] = {0, 26, 0, 0, 0, 0, 0, 0, 0x08, 18};

    if (fake.config.no_mode_page) {
        fail(request, 5, 0x20, 0);
        return;
    }
    bytes[3] = (fake.config.read_only ? 0x80 : 0) | (fake.config.fua ? 0x10 : 0);
    bytes[10] = fake.config.write_cache ? 4 : 0;
    answer(request, bytes, sizeof(bytes));
}

/* True when the unit does not get as far as the command. */
static bool is_not_ready(struct port_request *request)
{
    if (request->cdb[0] == 0x12 || request->function == PORT_FLUSH)
        return false;
    if (fake.stopped && request->cdb[0] != 0x1B) {
        fail(request, 2, 0x04, 0x02);
    } else if (fake.no_medium) {
        fail(request, 2, 0x3A, 0x01);
    } else if (fake.medium_is_new) {
        fake.medium_is_new = false;
        fail(request, 6, 0x28, 0x00);
    } else {
        return false;
    }
    return true;
}

static bool is_unknown(uint8_t operation)
{
    static const uint8_t mmc[] = {0x00, 0x12, 0x1B, 0x25, 0x28, 0xA8, 0x5A};

    if (operation == 0x1A && fake.config.no_mode_6)
        return true;
    return fake.config.mmc_only && memchr(mmc, operation, sizeof(mmc)) == NULL;
}

static void do_unmap(struct port_request *request)
{
    const uint8_t *list = request->single.base;
    uint64_t block = be(list + 8, 8), count = be(list + 16, 4);

    sh_assert(request->length == 24 && be(list, 2) == 22 && be(list + 2, 2) == 16);
    sh_assert(count <= fake.config.unmap_blocks_max);
    if (in_range(request, block, count))
        memset(fake.bytes + block * fake.config.block_size, 0, count * fake.config.block_size);
    request->transferred = request->length;
}

static void do_write_same(struct port_request *request, uint64_t block, uint32_t count)
{
    sh_assert(request->length == fake.config.block_size);
    sh_assert(count <= fake.config.write_same_blocks_max);
    if (fake.config.no_write_same) {
        fail(request, 5, 0x20, 0);
        return;
    }
    if (!in_range(request, block, count))
        return;
    for (uint32_t i = 0; i < count; i++)
        memcpy(fake.bytes + (block + i) * fake.config.block_size, request->single.base,
               fake.config.block_size);
    request->transferred = request->length;
}

static void do_synchronize(void)
{
    memcpy(fake.durable, fake.bytes, fake.config.block_count * fake.config.block_size);
}

static void note_command(const struct port_request *request)
{
    const uint8_t *cdb = request->cdb;
    bool ten = request->cdb_length == 10;

    sh_assert(fake.command_count < COMMANDS_MAX);
    fake.commands[fake.command_count++] = (struct fake_command){
        .operation = request->function == PORT_FLUSH ? 0xFF : cdb[0],
        .fua = (cdb[1] & 8) != 0,
        .unmap = (cdb[1] & 8) != 0,
        .block = ten ? be(cdb + 2, 4) : be(cdb + 2, 8),
        .count = ten ? (uint32_t)be(cdb + 7, 2) : (uint32_t)be(cdb + 10, 4),
    };
}

static struct fault *fault_for(const struct port_request *request)
{
    for (size_t i = 0; i < fake.fault_count; i++) {
        struct fault *fault = &fake.faults[i];
        if (fault->operation != request->cdb[0] || fault->count == 0)
            continue;
        if (fault->skip > 0) {
            fault->skip--;
            continue;
        }
        fault->count--;
        return fault;
    }
    return NULL;
}

static void run_command(struct port_request *request)
{
    const struct fake_command *command = &fake.commands[fake.command_count - 1];

    if (is_not_ready(request))
        return;
    if (request->function != PORT_FLUSH && is_unknown(request->cdb[0])) {
        fail(request, 5, 0x20, 0);
        return;
    }
    switch (request->function == PORT_FLUSH ? 0xFF : request->cdb[0]) {
    case 0x00:
        break;
    case 0x1B:
        fake.stopped = (request->cdb[4] & 1) == 0;
        break;
    case 0x5A:
        do_mode_sense_10(request);
        break;
    case 0x12:
        do_inquiry_page(request);
        break;
    case 0x1A:
        do_mode_sense_6(request);
        break;
    case 0x25:
        do_capacity_10(request);
        break;
    case 0x9E:
        do_capacity_16(request);
        break;
    case 0x28:
    case 0x88:
        do_transfer(request, command->block, command->count, false);
        break;
    case 0x2A:
    case 0x8A:
        do_transfer(request, command->block, command->count, true);
        break;
    case 0x35:
        do_synchronize();
        break;
    case 0x42:
        do_unmap(request);
        break;
    case 0x93:
        do_write_same(request, command->block, command->count);
        break;
    case 0xFF:
        break;
    default:
        fail(request, 5, 0x20, 0);
    }
}

static void execute(struct port_request *request)
{
    sys_mutex_lock(&fake.mutex);
    request->status = PORT_OK;
    request->srb_status = 0x01;
    request->scsi_status = 0;
    request->sense_length = 0;
    request->transferred = 0;
    note_command(request);
    struct fault *fault = fault_for(request);
    if (!fake.present) {
        request->status = PORT_NO_DEVICE;
    } else {
        if (fault == NULL || fault->missing != 0 || fault->after)
            run_command(request);
        if (fault != NULL && fault->missing != 0) {
            request->transferred -= fault->missing;
        } else if (fault != NULL) {
            request->status = fault->status;
            request->srb_status = fault->srb_status;
            request->scsi_status = fault->scsi_status;
            request->sense_length = fault->sense_length;
            memcpy(request->sense, fault->sense, fault->sense_length);
        }
    }
    sys_mutex_unlock(&fake.mutex);
}

/* ---- port.h ---- */

int port_queue_create(struct port_queue **ret_queue)
{
    *ret_queue = calloc(1, sizeof(**ret_queue));
    sh_assert(*ret_queue != NULL);
    return 0;
}

void port_queue_destroy(struct port_queue *queue)
{
    sh_assert(queue->count == 0);
    free(queue);
}

void port_submit(struct port_queue *queue, struct port_request *request)
{
    sh_assert(request->unit == &fake.unit);
    sh_assert(((request->flags & PORT_FLAG_UNTAGGED) != 0) == fake.config.one_at_a_time);
    request->next = queue->first;
    queue->first = request;
    queue->count++;
    sys_mutex_lock(&fake.mutex);
    if (queue->count > fake.most_at_once)
        fake.most_at_once = queue->count;
    sys_mutex_unlock(&fake.mutex);
}

void port_queue_plug(struct port_queue *queue)
{
    (void)queue;
}

void port_queue_unplug(struct port_queue *queue)
{
    (void)queue;
}

unsigned port_wait(struct port_queue *queue, uint64_t deadline_ns)
{
    if (queue->count == 0) {
        sh_assert(deadline_ns != SYS_FOREVER);
        uint64_t now = sys_now_ns();
        if (deadline_ns > now)
            sys_delay_ns(deadline_ns - now);
        return 0;
    }
    sys_mutex_lock(&fake.mutex);
    unsigned chosen = (unsigned)(random_next() % queue->count);
    sys_mutex_unlock(&fake.mutex);
    struct port_request **link = &queue->first;
    while (chosen-- > 0)
        link = &(*link)->next;
    struct port_request *request = *link;
    *link = request->next;
    queue->count--;
    execute(request);
    request->done(request);
    return 1;
}

static void executed(struct port_request *request)
{
    request->state = 1;
}

void port_execute(struct port_queue *queue, struct port_request *request)
{
    request->done = executed;
    request->state = 0;
    port_submit(queue, request);
    while (request->state == 0)
        port_wait(queue, SYS_FOREVER);
}

void port_adapter_describe(const struct port_adapter *adapter, struct port_adapter_info *ret_info)
{
    (void)adapter;
    *ret_info = (struct port_adapter_info){.caches_data = fake.config.adapter_caches};
}

uint32_t port_adapter_transfer_limit(const struct port_adapter *adapter)
{
    (void)adapter;
    return fake.config.transfer_limit;
}

void port_unit_reference(struct port_unit *unit)
{
    unit->references++;
}

void port_unit_release(struct port_unit *unit)
{
    unit->references--;
}

struct port_adapter *port_unit_adapter(const struct port_unit *unit)
{
    (void)unit;
    return &fake.adapter;
}

void port_unit_describe(const struct port_unit *unit, struct port_unit_info *ret_info)
{
    (void)unit;
    *ret_info = (struct port_unit_info){.depth = fake.config.depth,
                                        .device_type = fake.config.device_type,
                                        .removable_media = fake.config.removable};
}

bool port_unit_present(const struct port_unit *unit)
{
    (void)unit;
    return fake.present;
}

bool port_unit_queues_commands(const struct port_unit *unit)
{
    (void)unit;
    return !fake.config.one_at_a_time;
}

uint32_t port_unit_resets(const struct port_unit *unit)
{
    (void)unit;
    return fake.resets;
}

uint32_t port_unit_take_attentions(struct port_unit *unit)
{
    uint32_t attentions = fake.attentions;

    (void)unit;
    fake.attentions = 0;
    return attentions;
}

void *port_buffer_allocate(size_t size)
{
    return malloc(size);
}

void port_buffer_free(void *buffer)
{
    free(buffer);
}

bool port_unit_is_encrypted(const struct port_unit *unit)
{
    (void)unit;
    return false;
}
