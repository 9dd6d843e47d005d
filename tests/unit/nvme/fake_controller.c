/*
 * fake_controller.c - registers, queues and commands of the model in fake_controller.h.
 */
#include "fake_controller.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define REGISTER(name) offsetof(NVME_CONTROLLER_REGISTERS, name)

enum { PAGE = 4096, DOORBELLS = 4096 };

#define STATUS(type, code) ((uint16_t)((type) << 8 | (code)))

void *bus_pointer(uint64_t address)
{
    assert_true(address > BUS_OFFSET);
    return (void *)(uintptr_t)(address - BUS_OFFSET);
}

uint64_t bus_address(const void *pointer)
{
    return (uint64_t)(uintptr_t)pointer + BUS_OFFSET;
}

void controller_initialize(struct controller *controller)
{
    *controller = (struct controller){
        .mqes = 1023,
        .timeout = 1,
        .version = 0x00010400,
        .mdts = 5,
        .has_cache = true,
        .oncs = 0x8D, /* compare, deallocate, write zeroes, verify */
        .event_limit = 2,
        .abort_limit = 3,
        .queue_grant = 16,
        .write_cache_enabled = true,
    };
    controller->namespaces[0] = (struct controller_namespace){
        .id = 1,
        .blocks = 1024,
        .block_shift = 9,
        .dlfeat = 0x09,
    };
    controller_add_medium(&controller->namespaces[0]);
}

void controller_add_medium(struct controller_namespace *namespace)
{
    namespace->medium = calloc(namespace->blocks, (size_t)1 << namespace->block_shift);
    assert_non_null(namespace->medium);
}

void controller_destroy(struct controller *controller)
{
    for (unsigned i = 0; i < CONTROLLER_NAMESPACES_MAX; i++)
        free(controller->namespaces[i].medium);
}

static struct controller_namespace *find_namespace(struct controller *controller, uint32_t id)
{
    for (unsigned i = 0; i < CONTROLLER_NAMESPACES_MAX; i++)
        if (id != 0 && controller->namespaces[i].id == id)
            return &controller->namespaces[i];
    return NULL;
}

/* Copies between a command's memory and `bytes`, following its region pages to the letter. */
static void move_data(const NVME_COMMAND *command, uint8_t *bytes, size_t size, bool to_driver)
{
    const uint64_t *list = NULL;
    uint64_t address = command->PRP1;
    size_t done = 0;
    assert_int_equal(address & 3, 0);
    while (done < size) {
        size_t chunk = PAGE - address % PAGE;
        if (chunk > size - done)
            chunk = size - done;
        if (to_driver)
            memcpy(bus_pointer(address), bytes + done, chunk);
        else
            memcpy(bytes + done, bus_pointer(address), chunk);
        done += chunk;
        if (done == size)
            break;
        if (!list && size - done <= PAGE) {
            address = command->PRP2;
        } else {
            if (!list) {
                assert_int_equal(command->PRP2 & 7, 0);
                list = bus_pointer(command->PRP2);
            }
            bool is_last_of_page = (bus_address(list) & (PAGE - 1)) == PAGE - 8;
            if (is_last_of_page && size - done > PAGE) {
                assert_int_equal(*list & (PAGE - 1), 0);
                list = bus_pointer(*list);
            }
            address = *list++;
        }
        assert_int_equal(address & (PAGE - 1), 0);
    }
}

void controller_post(struct controller *controller, unsigned queue_index, uint16_t command_id,
                     uint16_t queue_id, uint16_t status, uint32_t result)
{
    struct controller_queue *queue = &controller->queues[queue_index];
    assert_true(queue->created);
    NVME_COMPLETION_ENTRY *ring = bus_pointer(queue->completion);
    NVME_COMPLETION_ENTRY *entry = &ring[queue->cq_tail];
    assert_int_not_equal((queue->cq_tail + 1) % queue->depth, queue->cq_head);
    entry->DW0 = result;
    entry->DW2.SQHD = (USHORT)queue->head;
    entry->DW2.SQID = queue_id;
    entry->DW3.CID = command_id;
    entry->DW3.Status.AsUshort = (USHORT)(status << 1 | queue->phase);
    queue->cq_tail = (queue->cq_tail + 1) % queue->depth;
    if (queue->cq_tail == 0)
        queue->phase ^= 1;
    controller->interrupt(controller->context, queue->vector);
}

static void complete(struct controller *controller, const struct controller_command *command,
                     uint16_t status, uint32_t result)
{
    controller_post(controller, command->queue, command->command.CDW0.CID, command->queue, status,
                    result);
}

static uint16_t read_write(struct controller_namespace *namespace, const NVME_COMMAND *command)
{
    uint64_t lba = (uint64_t)command->u.READWRITE.LBAHIGH << 32 | command->u.READWRITE.LBALOW;
    uint32_t blocks = command->u.READWRITE.CDW12.NLB + 1u;
    size_t offset = (size_t)lba << namespace->block_shift;
    size_t size = (size_t)blocks << namespace->block_shift;
    if (lba + blocks > namespace->blocks)
        return STATUS(0, NVME_STATUS_NVM_LBA_OUT_OF_RANGE);
    uint8_t *bytes = malloc(size);
    assert_non_null(bytes);
    uint16_t status = 0;
    switch (command->CDW0.OPC) {
    case NVME_NVM_COMMAND_READ:
        if (namespace->medium)
            memcpy(bytes, namespace->medium + offset, size);
        else
            memset(bytes, 0, size);
        move_data(command, bytes, size, true);
        break;
    case NVME_NVM_COMMAND_WRITE:
        move_data(command, bytes, size, false);
        if (namespace->medium)
            memcpy(namespace->medium + offset, bytes, size);
        break;
    case NVME_NVM_COMMAND_COMPARE:
        move_data(command, bytes, size, false);
        if (memcmp(bytes, namespace->medium + offset, size) != 0)
            status = STATUS(2, NVME_STATUS_NVM_COMPARE_FAILURE);
        break;
    case NVME_NVM_COMMAND_WRITE_ZEROES:
        memset(namespace->medium + offset, 0, size);
        break;
    }
    free(bytes);
    return status;
}

static uint16_t deallocate(struct controller_namespace *namespace, const NVME_COMMAND *command)
{
    NVME_LBA_RANGE ranges[256];
    unsigned count = command->u.DATASETMANAGEMENT.CDW10.NR + 1u;
    move_data(command, (uint8_t *)ranges, count * sizeof(ranges[0]), false);
    for (unsigned i = 0; i < count; i++) {
        if (ranges[i].StartingLBA + ranges[i].LogicalBlockCount > namespace->blocks)
            return STATUS(0, NVME_STATUS_NVM_LBA_OUT_OF_RANGE);
        memset(namespace->medium + (ranges[i].StartingLBA << namespace->block_shift), 0,
               (size_t)ranges[i].LogicalBlockCount << namespace->block_shift);
    }
    return 0;
}

static void execute_io(struct controller *controller, const struct controller_command *command)
{
    const NVME_COMMAND *nvme = &command->command;
    struct controller_namespace *namespace = find_namespace(controller, nvme->NSID);
    uint16_t status;
    if (controller->fail_status && controller->fail_opcode == nvme->CDW0.OPC)
        status = controller->fail_status;
    else if (!namespace)
        status = STATUS(0, NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT);
    else if (nvme->CDW0.OPC == NVME_NVM_COMMAND_FLUSH || nvme->CDW0.OPC == NVME_NVM_COMMAND_VERIFY)
        status = 0;
    else if (nvme->CDW0.OPC == NVME_NVM_COMMAND_DATASET_MANAGEMENT)
        status = deallocate(namespace, nvme);
    else
        status = read_write(namespace, nvme);
    complete(controller, command, status, 0);
}

static void identify_controller(struct controller *controller, NVME_IDENTIFY_CONTROLLER_DATA *data)
{
    memcpy(data->SN, "SERIAL0001          ", sizeof(data->SN));
    memset(data->MN, ' ', sizeof(data->MN));
    memcpy(data->MN, "Model of a controller", 21);
    memcpy(data->FR, "1.2.34  ", sizeof(data->FR));
    data->MDTS = controller->mdts;
    data->NN = CONTROLLER_NAMESPACES_MAX;
    *(uint8_t *)&data->SQES = 0x66;
    *(uint8_t *)&data->CQES = 0x44;
    *(uint8_t *)&data->VWC = controller->has_cache;
    *(uint8_t *)&data->ONCS = controller->oncs;
    data->OACS.DoorBellBufferConfig = controller->has_shadow;
    data->OAES.NamespaceAttributeChanged = 1;
    data->ACL = controller->abort_limit;
    data->AERL = controller->event_limit;
    data->WCTEMP = 343;
}

static void identify_namespace(const struct controller_namespace *namespace,
                               NVME_IDENTIFY_NAMESPACE_DATA *data)
{
    data->NSZE = namespace->blocks;
    data->NCAP = namespace->blocks;
    data->NLBAF = 3;
    *(uint8_t *)&data->FLBAS = 2;
    data->LBAF[2].LBADS = namespace->block_shift;
    data->LBAF[2].MS = namespace->metadata_bytes;
    data->NSFEAT.ThinProvisioning = namespace->thin;
    data->NSATTR.WriteProtected = namespace->write_protected;
    *(uint8_t *)&data->DLFEAT = namespace->dlfeat;
    memcpy(data->NGUID, namespace->nguid, sizeof(data->NGUID));
    memcpy(&data->EUI64, namespace->eui64, 8);
}

static uint16_t identify(struct controller *controller, const NVME_COMMAND *command)
{
    union {
        uint8_t bytes[PAGE];
        NVME_IDENTIFY_CONTROLLER_DATA controller;
        NVME_IDENTIFY_NAMESPACE_DATA namespace;
        uint32_t list[PAGE / 4];
    } data;
    memset(&data, 0, sizeof(data));
    struct controller_namespace *namespace = find_namespace(controller, command->NSID);
    unsigned count = 0;
    switch (command->u.IDENTIFY.CDW10.CNS) {
    case NVME_IDENTIFY_CNS_CONTROLLER:
        identify_controller(controller, &data.controller);
        break;
    case NVME_IDENTIFY_CNS_SPECIFIC_NAMESPACE:
        if (controller->fails_namespaces)
            return controller->fail_admin_status;
        if (namespace)
            identify_namespace(namespace, &data.namespace);
        break;
    case NVME_IDENTIFY_CNS_ACTIVE_NAMESPACES:
        for (unsigned i = 0; i < CONTROLLER_NAMESPACES_MAX; i++)
            if (controller->namespaces[i].id > command->NSID)
                data.list[count++] = controller->namespaces[i].id;
        break;
    default:
        return STATUS(0, NVME_STATUS_INVALID_FIELD_IN_COMMAND);
    }
    move_data(command, data.bytes, sizeof(data), true);
    return 0;
}

static uint16_t create_queue(struct controller *controller, const NVME_COMMAND *command,
                             bool is_completion)
{
    unsigned id = command->u.CREATEIOCQ.CDW10.QID;
    unsigned depth = command->u.CREATEIOCQ.CDW10.QSIZE + 1u;
    if (id == 0 || id >= CONTROLLER_QUEUES_MAX || id > controller->queue_grant)
        return STATUS(1, NVME_STATUS_INVALID_QUEUE_IDENTIFIER);
    if (depth > controller->mqes + 1u || depth < 2)
        return STATUS(1, NVME_STATUS_MAX_QUEUE_SIZE_EXCEEDED);
    struct controller_queue *queue = &controller->queues[id];
    assert_int_equal(command->PRP1 & (PAGE - 1), 0);
    if (is_completion) {
        assert_true(command->u.CREATEIOCQ.CDW11.PC && command->u.CREATEIOCQ.CDW11.IEN);
        *queue = (struct controller_queue){.completion = command->PRP1,
                                           .depth = depth,
                                           .phase = 1,
                                           .vector = command->u.CREATEIOCQ.CDW11.IV};
        return 0;
    }
    assert_int_equal(command->u.CREATEIOSQ.CDW11.CQID, id);
    assert_int_equal(queue->depth, depth);
    queue->submission = command->PRP1;
    queue->created = true;
    return 0;
}

static uint16_t set_feature(struct controller *controller, const NVME_COMMAND *command,
                            uint32_t *result)
{
    switch (command->u.SETFEATURES.CDW10.FID) {
    case NVME_FEATURE_NUMBER_OF_QUEUES:
        *result = (controller->queue_grant - 1) | (controller->queue_grant - 1) << 16;
        return 0;
    case NVME_FEATURE_VOLATILE_WRITE_CACHE:
        controller->write_cache_enabled = command->u.SETFEATURES.CDW11.VolatileWriteCache.WCE;
        return 0;
    case NVME_FEATURE_ASYNC_EVENT_CONFIG:
        return 0;
    default:
        return STATUS(0, NVME_STATUS_INVALID_FIELD_IN_COMMAND);
    }
}

static uint16_t get_log_page(struct controller *controller, const NVME_COMMAND *command)
{
    uint8_t bytes[PAGE] = {0};
    size_t size = (command->u.GETLOGPAGE.CDW10.NUMD + 1u) * 4;
    if (command->u.GETLOGPAGE.CDW10.LID == NVME_LOG_PAGE_HEALTH_INFO)
        memcpy(bytes, &controller->health, sizeof(controller->health));
    move_data(command, bytes, size, true);
    return 0;
}

/* Takes a held command out; true when it was there. */
static bool take_held(struct controller *controller, unsigned queue, unsigned command_id,
                      struct controller_command *ret_command)
{
    for (unsigned i = 0; i < controller->held_count; i++) {
        struct controller_command *held = &controller->held[i];
        if (held->queue != queue || held->command.CDW0.CID != command_id)
            continue;
        *ret_command = *held;
        memmove(held, held + 1, (controller->held_count - i - 1) * sizeof(*held));
        controller->held_count--;
        return true;
    }
    return false;
}

static void execute_abort(struct controller *controller, const struct controller_command *command)
{
    struct controller_command victim;
    uint32_t result = 1;
    controller->aborts++;
    if (!controller->ignores_aborts && take_held(controller, command->command.u.ABORT.CDW10.SQID,
                                                 command->command.u.ABORT.CDW10.CID, &victim)) {
        complete(controller, &victim, STATUS(0, NVME_STATUS_COMMAND_ABORT_REQUESTED), 0);
        result = 0;
    }
    complete(controller, command, 0, result);
}

static void execute_admin(struct controller *controller, const struct controller_command *command)
{
    const NVME_COMMAND *nvme = &command->command;
    uint32_t result = 0;
    uint16_t status = 0;
    if (controller->fail_admin_status && controller->fail_admin_opcode == nvme->CDW0.OPC) {
        complete(controller, command, controller->fail_admin_status, 0);
        return;
    }
    switch (nvme->CDW0.OPC) {
    case NVME_ADMIN_COMMAND_IDENTIFY:
        status = identify(controller, nvme);
        break;
    case NVME_ADMIN_COMMAND_CREATE_IO_CQ:
        status = create_queue(controller, nvme, true);
        break;
    case NVME_ADMIN_COMMAND_CREATE_IO_SQ:
        status = create_queue(controller, nvme, false);
        break;
    case NVME_ADMIN_COMMAND_SET_FEATURES:
        status = set_feature(controller, nvme, &result);
        break;
    case NVME_ADMIN_COMMAND_GET_FEATURES:
        assert_int_equal(nvme->u.GETFEATURES.CDW10.FID, NVME_FEATURE_VOLATILE_WRITE_CACHE);
        result = controller->write_cache_enabled;
        break;
    case NVME_ADMIN_COMMAND_GET_LOG_PAGE:
        status = get_log_page(controller, nvme);
        break;
    case NVME_ADMIN_COMMAND_ABORT:
        execute_abort(controller, command);
        return;
    case NVME_ADMIN_COMMAND_DOORBELL_BUFFER_CONFIG:
        controller->shadow = nvme->PRP1;
        controller->event = nvme->PRP2;
        break;
    case NVME_ADMIN_COMMAND_ASYNC_EVENT_REQUEST:
        if (controller->event_count > controller->event_limit) {
            status = STATUS(1, NVME_STATUS_ASYNC_EVENT_REQUEST_LIMIT_EXCEEDED);
            break;
        }
        controller->events[controller->event_count++] = *command;
        if (controller->events_at_once) {
            controller->events_at_once = false;
            controller_send_event(controller, NVME_ASYNC_EVENT_TYPE_NOTICE,
                                  NVME_ASYNC_NOTICE_NAMESPACE_ATTRIBUTE_CHANGED,
                                  NVME_LOG_PAGE_CHANGED_NAMESPACE_LIST);
        }
        return;
    default:
        status = STATUS(0, NVME_STATUS_INVALID_COMMAND_OPCODE);
        break;
    }
    complete(controller, command, status, result);
}

static void hold(struct controller *controller, const struct controller_command *command)
{
    assert_true(controller->held_count < CONTROLLER_HELD_MAX);
    controller->held[controller->held_count++] = *command;
}

static void take_commands(struct controller *controller, unsigned index, uint32_t tail)
{
    struct controller_queue *queue = &controller->queues[index];
    assert_true(queue->created);
    assert_true(tail < queue->depth);
    const NVME_COMMAND *ring = bus_pointer(queue->submission);
    while (queue->head != tail && !controller->fatal) {
        struct controller_command command = {.queue = (uint16_t)index,
                                             .command = ring[queue->head]};
        queue->head = (queue->head + 1) % queue->depth;
        if (index == 0) {
            bool is_abort = command.command.CDW0.OPC == NVME_ADMIN_COMMAND_ABORT;
            if (controller->holds_admin && !is_abort)
                hold(controller, &command);
            else
                execute_admin(controller, &command);
            continue;
        }
        controller->io_commands++;
        controller->last_io = command.command;
        if (controller->holds_io)
            hold(controller, &command);
        else
            execute_io(controller, &command);
    }
}

void controller_release(struct controller *controller)
{
    struct controller_command command;
    while (controller->held_count) {
        unsigned queue = controller->held[0].queue;
        take_held(controller, queue, controller->held[0].command.CDW0.CID, &command);
        if (queue == 0)
            execute_admin(controller, &command);
        else
            execute_io(controller, &command);
    }
}

bool controller_send_event(struct controller *controller, unsigned type, unsigned info,
                           unsigned log_page)
{
    if (controller->event_count == 0)
        return false;
    struct controller_command command = controller->events[--controller->event_count];
    complete(controller, &command, 0, type | info << 8 | log_page << 16);
    return true;
}

bool controller_poll(struct controller *controller)
{
    bool found = false;
    if (!controller->shadow || !(controller->csts & 1))
        return false;
    uint32_t *shadow = bus_pointer(controller->shadow);
    uint32_t *event = bus_pointer(controller->event);
    unsigned stride = 1u << controller->dstrd;
    for (unsigned i = 1; i < CONTROLLER_QUEUES_MAX; i++) {
        struct controller_queue *queue = &controller->queues[i];
        if (!queue->created)
            continue;
        if (!controller->line_needs_doorbell)
            queue->cq_head = shadow[(2 * i + 1) * stride];
        if (shadow[2 * i * stride] != queue->head) {
            take_commands(controller, i, shadow[2 * i * stride]);
            found = true;
        }
        /* An index that the driver never passes, or the one it passes next. */
        event[2 * i * stride] = controller->polls_shadow ? queue->head - 1 : queue->head;
        event[(2 * i + 1) * stride] = shadow[(2 * i + 1) * stride] - 1;
    }
    return found;
}

static void ring_doorbell(struct controller *controller, unsigned offset, uint32_t value)
{
    unsigned stride = 4u << controller->dstrd;
    unsigned index = (offset - DOORBELLS) / stride;
    unsigned queue_index = index / 2;
    assert_int_equal((offset - DOORBELLS) % stride, 0);
    assert_true(queue_index < CONTROLLER_QUEUES_MAX);
    if (!(controller->csts & 1))
        return;
    struct controller_queue *queue = &controller->queues[queue_index];
    assert_true(queue->created);
    assert_true(value < queue->depth);
    if (index & 1) {
        queue->cq_head = value;
        return;
    }
    if (queue_index != 0)
        controller->doorbells++;
    take_commands(controller, queue_index, value);
}

static void enable(struct controller *controller)
{
    NVME_CONTROLLER_CONFIGURATION cc = {.AsUlong = controller->cc};
    assert_int_equal(cc.MPS, 0);
    assert_int_equal(cc.CSS, 0);
    assert_int_equal(cc.IOSQES, 6);
    assert_int_equal(cc.IOCQES, 4);
    assert_int_equal(controller->asq & (PAGE - 1), 0);
    assert_int_equal(controller->acq & (PAGE - 1), 0);
    assert_int_equal(controller->aqa & 0xFFF, controller->aqa >> 16 & 0xFFF);
    if (controller->never_ready)
        return;
    controller->queues[0] = (struct controller_queue){
        .created = true,
        .submission = controller->asq,
        .completion = controller->acq,
        .depth = (controller->aqa & 0xFFF) + 1,
        .phase = 1,
    };
    controller->csts = 1;
}

static void disable(struct controller *controller)
{
    controller->resets++;
    if (controller->never_disabled)
        return;
    controller->csts = 0;
    controller->fatal = false;
    controller->intms = 0;
    controller->held_count = 0;
    controller->event_count = 0;
    controller->shadow = 0;
    controller->write_cache_enabled = true;
    memset(controller->queues, 0, sizeof(controller->queues));
}

static void write_configuration(struct controller *controller, uint32_t value)
{
    NVME_CONTROLLER_CONFIGURATION old = {.AsUlong = controller->cc};
    NVME_CONTROLLER_CONFIGURATION new = {.AsUlong = value};
    controller->cc = value;
    if (new.EN && !old.EN)
        enable(controller);
    else if (!new.EN && old.EN)
        disable(controller);
    if (new.SHN && !old.SHN &&new.EN) {
        controller->shutdowns++;
        controller->csts |= NVME_CSTS_SHST_SHUTDOWN_COMPLETED << 2;
    }
}

static uint64_t capabilities(const struct controller *controller)
{
    NVME_CONTROLLER_CAPABILITIES cap = {.AsUlonglong = 0};
    cap.MQES = controller->mqes;
    cap.CQR = 1;
    cap.TO = controller->timeout;
    cap.DSTRD = controller->dstrd;
    cap.CSS_NVM = 1;
    cap.MPSMIN = controller->mpsmin;
    cap.MPSMAX = controller->mpsmin;
    return cap.AsUlonglong;
}

uint32_t controller_read(struct controller *controller, unsigned offset)
{
    controller->reads++;
    assert_false(controller->must_be_silent);
    if (controller->gone)
        return 0xFFFFFFFF;
    switch (offset) {
    case REGISTER(CAP):
        return (uint32_t)capabilities(controller);
    case REGISTER(CAP) + 4:
        return (uint32_t)(capabilities(controller) >> 32);
    case REGISTER(VS):
        return controller->version;
    case REGISTER(CC):
        return controller->cc;
    case REGISTER(CSTS):
        return controller->csts | (controller->fatal ? 2 : 0);
    default:
        fail_msg("read of register 0x%x", offset);
        return 0;
    }
}

void controller_write(struct controller *controller, unsigned offset, uint32_t value)
{
    controller->writes++;
    assert_false(controller->must_be_silent);
    if (controller->gone)
        return;
    if (offset >= DOORBELLS) {
        ring_doorbell(controller, offset, value);
        return;
    }
    switch (offset) {
    case REGISTER(INTMS):
        controller->intms |= value;
        break;
    case REGISTER(INTMC):
        controller->intms &= ~value;
        break;
    case REGISTER(CC):
        write_configuration(controller, value);
        break;
    case REGISTER(AQA):
        controller->aqa = value;
        break;
    case REGISTER(ASQ):
        controller->asq = (controller->asq & ~0xFFFFFFFFull) | value;
        break;
    case REGISTER(ASQ) + 4:
        controller->asq = (controller->asq & 0xFFFFFFFFull) | (uint64_t)value << 32;
        break;
    case REGISTER(ACQ):
        controller->acq = (controller->acq & ~0xFFFFFFFFull) | value;
        break;
    case REGISTER(ACQ) + 4:
        controller->acq = (controller->acq & 0xFFFFFFFFull) | (uint64_t)value << 32;
        break;
    default:
        fail_msg("write of register 0x%x", offset);
    }
}

bool controller_line(const struct controller *controller)
{
    if (!(controller->csts & 1) || (controller->intms & 1) || controller->gone)
        return false;
    for (unsigned i = 0; i < CONTROLLER_QUEUES_MAX; i++)
        if (controller->queues[i].created &&
            controller->queues[i].cq_head != controller->queues[i].cq_tail)
            return true;
    return false;
}
