/*
 * start_anywhere.c - a virtual miniport's StartIo at PASSIVE_LEVEL or DISPATCH_LEVEL by chance, for
 * tests (rule S29). Ordinarily it is called at DISPATCH_LEVEL, so a driver may come to rely on
 * that.
 *
 * In the place of the driver's routine stands one that passes every other request, or so, on to a
 * worker thread.
 */
#include "storport/adapter.h"

static void start_low(struct storport_adapter *adapter, struct port_slot *slot)
{
    struct storport_call call;

    storport_call_begin(&call, nt_self(), adapter, "HwStorStartIo", slot->srb);
    BOOLEAN started = adapter->init.HwStartIo(adapter->extension, (PSCSI_REQUEST_BLOCK)slot->srb);
    storport_call_end(&call);
    if (!started)
        storport_start_refused(adapter, slot);
    if (__atomic_sub_fetch(&adapter->port->low_parties[slot->number], 1, __ATOMIC_ACQ_REL) == 0) {
        slot->flags &= (uint8_t)~PORT_SLOT_LOW;
        port_complete_elsewhere(slot);
    }
}

static void low_run(void *context)
{
    struct storport_adapter *adapter = context;
    uint8_t old_irql = nt_spinlock_acquire_raise(&adapter->low_starts.lock, NT_DISPATCH_LEVEL);
    struct port_slot *list = adapter->low_starts.first;

    adapter->low_starts.first = NULL;
    adapter->low_starts.tail = &adapter->low_starts.first;
    nt_spinlock_release_lower(&adapter->low_starts.lock, old_irql);
    while (list) {
        struct port_slot *slot = list;
        list = slot->next; /* the slot may be completed when StartIo returns */
        start_low(adapter, slot);
    }
}

static BOOLEAN NTAPI start_anywhere(PVOID extension, PSCSI_REQUEST_BLOCK srb)
{
    struct storport_adapter *adapter = storport_of(extension);
    struct port_slot *slot = port_slot_of(adapter->port, srb);
    struct nt_thread *self = nt_self();

    if (sys_random() & 1)
        return adapter->init.HwStartIo(extension, srb);
    slot->flags |= PORT_SLOT_LOW;
    __atomic_store_n(&adapter->port->low_parties[slot->number], 2, __ATOMIC_RELEASE);
    slot->next = NULL;
    nt_spinlock_acquire(&adapter->low_starts.lock, self);
    *adapter->low_starts.tail = slot;
    adapter->low_starts.tail = &slot->next;
    nt_spinlock_release(&adapter->low_starts.lock, self);
    nt_work_queue(&adapter->low_starts.work);
    return TRUE;
}

PHW_STARTIO storport_start_routine(struct storport_adapter *adapter)
{
    if (!adapter->port->virtual_adapter || !adapter->port->any_start_irql)
        return adapter->init.HwStartIo;
    adapter->low_starts.first = NULL;
    adapter->low_starts.tail = &adapter->low_starts.first;
    nt_work_initialize(&adapter->low_starts.work, low_run, adapter);
    return start_anywhere;
}

void storport_start_anywhere_stop(struct storport_adapter *adapter)
{
    if (adapter->start_io == start_anywhere)
        nt_work_drain(&adapter->low_starts.work);
}
