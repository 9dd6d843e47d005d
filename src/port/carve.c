/*
 * carve.c - the memory of an adapter's requests, taken once when it starts (decision 8), and the
 * port's state of each processor.
 */
#include "nt/bugcheck.h"
#include "nt/dpc.h"
#include "nt/mdl.h"
#include "port/data.h"
#include "trap/trap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct port_adapter_entry port_adapter_table[PORT_ADAPTERS_MAX];
unsigned port_adapter_table_count;
struct port_adapter_entry port_adapter_hints[PORT_ADAPTER_HINTS];

void port_deferred_run(struct nt_processor *processor);
void port_remote_run(void *context);

static size_t round_up(size_t size, size_t to)
{
    return (size + to - 1) / to * to;
}

/* Longer lists, and descriptor lists of longer data, are not kept ready for each slot: the data of
 * the former go through a bounce buffer, the latter come from pool. */
enum { LIST_ELEMENTS_MAX = 4096, MDL_PAGES_MAX = 1024 * 1024 / NT_PAGE_SIZE + 1 };

/* Elements that a list may need: what the driver can take, and no more than a transfer has. */
static uint32_t list_elements(const struct port_limits *limits)
{
    uint32_t elements = limits->physical_breaks;
    uint32_t pages = limits->maximum_transfer_length / NT_PAGE_SIZE + 2;

    if (elements > pages)
        elements = pages;
    return elements > LIST_ELEMENTS_MAX ? LIST_ELEMENTS_MAX : elements;
}

static size_t mdl_room(const struct port_limits *limits)
{
    size_t pages = limits->maximum_transfer_length / NT_PAGE_SIZE + 2;

    if (pages > MDL_PAGES_MAX)
        pages = MDL_PAGES_MAX;
    return round_up(nt_mdl_size(NULL, pages * NT_PAGE_SIZE), 16);
}

static void *carve_block(const struct port_adapter *adapter, size_t size, size_t count,
                         const char *tag)
{
    const struct port_reach *reach = &adapter->limits.common_reach;

    if (!size)
        return NULL;
    return nt_contiguous_allocate(
        &(struct nt_contiguous_options){.size = round_up(size * count, NT_PAGE_SIZE),
                                        .lowest = reach->lowest,
                                        .highest = reach->highest,
                                        .boundary = reach->boundary,
                                        .node = port_adapter_node_wish(adapter),
                                        .tag = tag});
}

static void slot_prepare(struct port_adapter *adapter, uint32_t number, size_t extension_stride,
                         size_t list_stride)
{
    const struct port_limits *limits = &adapter->limits;
    struct port_slot *slot = port_slot_at(adapter, number);

    memset(slot, 0, sizeof(*slot));
    slot->adapter = adapter;
    slot->number = number;
    if (limits->srb_extension_size)
        slot->extension = (unsigned char *)adapter->extension_block + number * extension_stride;
    slot->sense = (uint8_t *)adapter->sense_block + (size_t)number * PORT_SENSE_BYTES;
    if (adapter->list_block)
        slot->list = (void *)((unsigned char *)adapter->list_block + number * list_stride);
    adapter->model->format(slot);
    if (number < limits->max_io) {
        slot->next = adapter->pool;
        adapter->pool = slot;
    } else {
        slot->flags = PORT_SLOT_RESERVED;
        slot->next = adapter->reserve;
        adapter->reserve = slot;
        adapter->reserve_count++;
    }
}

void port_adapter_settle_data(struct port_adapter *adapter)
{
    const struct port_reach *reach = &adapter->limits.data_reach;

    adapter->direct_size = 0;
    if (adapter->virtual_adapter || !adapter->limits.scatter_gather || reach->lowest)
        return;
    adapter->direct_size = nt_arena_direct_size;
    if (reach->highest < adapter->direct_size)
        adapter->direct_size = reach->highest + 1;
    /* Elements that may cross no boundary within it are data.c's to cut. */
    if (reach->boundary && reach->boundary < adapter->direct_size)
        adapter->direct_size = 0;
}

int port_adapter_carve(struct port_adapter *adapter)
{
    const struct port_limits *limits = &adapter->limits;
    uint32_t count = limits->max_io + PORT_RESERVED_SLOTS;
    size_t extension_stride = port_extension_room(limits);
    size_t shares = sizeof(struct port_adapter_share) * nt_processor_count();

    sh_assert(!adapter->slots);
    adapter->slot_count = count;
    adapter->spare_next = 0;
    adapter->list_capacity = list_elements(limits);
    adapter->mdl_room = mdl_room(limits);
    size_t list_stride = sizeof(struct port_scatter_list) +
                         adapter->list_capacity * sizeof(struct port_scatter_element);
    port_adapter_settle_data(adapter);
    adapter->slots = aligned_alloc(PORT_SLOT_BYTES, (size_t)count * PORT_SLOT_BYTES);
    /* They stay when the slots go: a request that comes meanwhile looks at them before it waits. */
    if (!adapter->shares)
        adapter->shares = aligned_alloc(_Alignof(struct port_adapter_share), shares);
    adapter->extension_block =
        carve_block(adapter, extension_stride, count + PORT_RESERVED_SLOTS, "SRB extensions");
    adapter->sense_block = carve_block(adapter, PORT_SENSE_BYTES, count, "sense buffers");
    if (limits->scatter_gather)
        adapter->list_block = carve_block(adapter, list_stride, count, "scatter/gather lists");
    adapter->mdl_block = calloc(count, adapter->mdl_room);
    adapter->low_parties = calloc(count, sizeof(uint32_t));
    if (!adapter->slots || !adapter->low_parties || !adapter->shares || !adapter->sense_block ||
        !adapter->mdl_block || (extension_stride && !adapter->extension_block) ||
        (limits->scatter_gather && !adapter->list_block)) {
        port_adapter_uncarve(adapter);
        return -ENOMEM;
    }
    memset(adapter->shares, 0, shares);
    for (uint32_t i = count; i-- > 0;)
        slot_prepare(adapter, i, extension_stride, list_stride);
    for (unsigned i = 0; i < PORT_RESERVED_SLOTS; i++)
        adapter->spare_extensions[i] =
            extension_stride
                ? (unsigned char *)adapter->extension_block + (count + i) * extension_stride
                : NULL;
    return 0;
}

void port_adapter_uncarve(struct port_adapter *adapter)
{
    /* A recall of another adapter may be looking at the shares. */
    __atomic_store_n(&adapter->attention.recall, 0, __ATOMIC_SEQ_CST);
    nt_dpc_flush();
    if (adapter->slots)
        nt_memory_unpoison(adapter->slots, (size_t)adapter->slot_count * PORT_SLOT_BYTES);
    free(adapter->slots);
    if (adapter->extension_block)
        nt_contiguous_free(adapter->extension_block);
    if (adapter->sense_block)
        nt_contiguous_free(adapter->sense_block);
    if (adapter->list_block)
        nt_contiguous_free(adapter->list_block);
    free(adapter->mdl_block);
    free(adapter->low_parties);
    /* Made for this reach; another start may have another. */
    port_bounce_free_all(adapter);
    adapter->slots = NULL;
    if (adapter->shares)
        memset(adapter->shares, 0, sizeof(*adapter->shares) * nt_processor_count());
    adapter->mdl_block = NULL;
    adapter->low_parties = NULL;
    adapter->extension_block = adapter->sense_block = adapter->list_block = NULL;
    adapter->pool = adapter->reserve = NULL;
    adapter->reserve_count = 0;
    adapter->slot_count = 0;
}

/* ---- adapters by their extension ---- */

/* A look-up for an extension that is going is a call of its driver, and there are none any more. */
static void hint_forget(struct port_adapter_entry *hint, const struct port_adapter *adapter)
{
    if (hint->adapter != adapter)
        return;
    __atomic_store_n(&hint->adapter, NULL, __ATOMIC_RELAXED);
    __atomic_store_n(&hint->extension, NULL, __ATOMIC_RELEASE);
}

void port_adapter_set_extension(struct port_adapter *adapter, void *extension)
{
    struct port_adapter_entry *entry = &port_adapter_table[adapter->index];

    if (entry->extension)
        hint_forget(port_adapter_hint(entry->extension), adapter);
    __atomic_store_n(&entry->extension, extension, __ATOMIC_RELEASE);
    struct port_adapter_entry *hint = port_adapter_hint(extension);
    if (extension && !hint->adapter) {
        __atomic_store_n(&hint->adapter, adapter, __ATOMIC_RELAXED);
        __atomic_store_n(&hint->extension, extension, __ATOMIC_RELEASE);
    }
}

struct port_adapter *NT_ABI port_adapter_search(const void *extension)
{
    unsigned count = __atomic_load_n(&port_adapter_table_count, __ATOMIC_RELAXED);

    for (unsigned i = 0; extension && i < count; i++)
        if (__atomic_load_n(&port_adapter_table[i].extension, __ATOMIC_ACQUIRE) == extension)
            return __atomic_load_n(&port_adapter_table[i].adapter, __ATOMIC_RELAXED);
    return NULL;
}

/* ---- processors ---- */

void port_initialize(void)
{
    sh_assert(trap_install() == 0); /* the process may have put in handlers since the last driver */
    if (nt_processor_get(0)->port)
        return;
    for (unsigned i = 0; i < nt_processor_count(); i++) {
        struct port_processor *state = aligned_alloc(128, round_up(sizeof(*state), 128));
        sh_assert(state);
        *state = (struct port_processor){
            .processor = nt_processor_get(i),
            .done_tail = &state->done_first,
            .sequence = (uint64_t)i << 48,
            .remote_call = {.run = port_remote_run, .context = state},
        };
        nt_processor_get(i)->port = state;
    }
    port_recall_initialize();
    nt_processor_set_deferred(port_deferred_run);
    port_clock_start();
}

void port_finalize(void)
{
    if (!nt_processor_get(0)->port)
        return;
    port_clock_stop();
    nt_dpc_flush(); /* no processor is in there any more */
    trap_forget();
    for (unsigned i = 0; i < nt_processor_count(); i++) {
        free(nt_processor_get(i)->port);
        nt_processor_get(i)->port = NULL;
    }
}
