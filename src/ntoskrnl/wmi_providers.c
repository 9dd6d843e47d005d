/*
 * wmi_providers.c - Io: drivers that offer data to WMI, or traces to its tracer, by themselves.
 *
 * A device's driver is asked for its data blocks as on Windows, on a system thread. What a miniport
 * offers by its WMI context is asked for elsewhere (storport/wmi.c).
 */
#include "nt/device.h"
#include "nt/export.h"
#include "nt/irp.h"
#include "nt/memory.h"
#include "nt/thread.h"
#include "nt/work.h"

#include <ntddk.h>
#include <stdlib.h>
#include <wmistr.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "I/O manager", NT_PASSIVE_LEVEL)

enum {
    /* A trace preprocessor of old kits registers a routine instead of a device, to be called when
     * somebody wants traces of it. */
    FLAG_ROUTINE = 0x80000000u,
    ACTION_MASK = 0xFFFF,
    ANSWER_BYTES = 4096,
    TAG = 0x49696D57 /* "WmiI" */
};

struct provider {
    struct provider *next;
    void *who; /* the device; the preprocessor's record */
    bool is_device;
};

/* What a device's driver is asked; holds the device. */
struct question {
    DEVICE_OBJECT *device;
    ULONG_PTR reason;
    struct nt_work work;
};

static struct sys_mutex lock;
static struct provider *providers;

static struct provider **find_locked(const void *who)
{
    struct provider **link = &providers;

    while (*link && (*link)->who != who)
        link = &(*link)->next;
    return link;
}

static struct provider find(const void *who)
{
    sys_mutex_lock(&lock);
    const struct provider *found = *find_locked(who);
    struct provider provider = found ? *found : (struct provider){0};
    sys_mutex_unlock(&lock);
    return provider;
}

static void send(const struct question *question)
{
    DEVICE_OBJECT *top = nt_device_top(question->device);
    void *answer = nt_pool_allocate(ANSWER_BYTES, TAG, NULL);
    IRP *irp = answer ? nt_irp_allocate((unsigned)top->StackSize) : NULL;

    if (irp) {
        IO_STACK_LOCATION *location = nt_irp_next(irp);
        location->MajorFunction = IRP_MJ_SYSTEM_CONTROL;
        location->MinorFunction = IRP_MN_REGINFO_EX;
        location->Parameters.WMI.ProviderId = (ULONG_PTR)question->device;
        location->Parameters.WMI.DataPath = (PVOID)question->reason;
        location->Parameters.WMI.Buffer = answer;
        location->Parameters.WMI.BufferSize = ANSWER_BYTES;
        irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
        (void)nt_irp_call_and_wait(top, irp);
        nt_irp_free(irp);
    }
    if (answer)
        nt_pool_free(answer);
    nt_object_release(top);
}

/* Nobody waits for the answer, also not who takes the registration back: that may be a callback
 * which the driver has to leave before it can answer. */
static void ask(void *context)
{
    struct question *question = context;

    if (find(question->device).is_device)
        send(question);
    nt_object_release(question->device);
    free(question);
}

static NTSTATUS ask_later(DEVICE_OBJECT *device, ULONG_PTR reason)
{
    struct question *question = calloc(1, sizeof(*question));

    if (!question)
        return STATUS_INSUFFICIENT_RESOURCES;
    question->device = device;
    question->reason = reason;
    nt_object_reference(device);
    nt_work_initialize(&question->work, ask, question);
    nt_work_queue(&question->work);
    return STATUS_SUCCESS;
}

static NTSTATUS add(void *who, bool is_device)
{
    struct provider *provider = calloc(1, sizeof(*provider)), **link;

    if (!provider)
        return STATUS_INSUFFICIENT_RESOURCES;
    provider->who = who;
    provider->is_device = is_device;
    sys_mutex_lock(&lock);
    link = find_locked(who);
    bool is_new = !*link;
    if (is_new)
        *link = provider;
    sys_mutex_unlock(&lock);
    if (!is_new) {
        free(provider);
        return STATUS_OBJECT_NAME_EXISTS;
    }
    return is_device ? ask_later(who, WMIREGISTER) : STATUS_SUCCESS;
}

static NTSTATUS remove_it(const void *who)
{
    sys_mutex_lock(&lock);
    struct provider **link = find_locked(who), *provider = *link;
    if (provider)
        *link = provider->next;
    sys_mutex_unlock(&lock);
    if (!provider)
        return STATUS_INVALID_PARAMETER;
    free(provider);
    return STATUS_SUCCESS;
}

static NTSTATUS ask_again(void *who)
{
    struct provider provider = find(who);

    if (!provider.who)
        return STATUS_INVALID_PARAMETER;
    return provider.is_device ? ask_later(who, WMIUPDATE) : STATUS_SUCCESS;
}

NTSTATUS NTAPI IoWMIRegistrationControl(PDEVICE_OBJECT DeviceObject, ULONG Action)
{
    bool is_device = !(Action & FLAG_ROUTINE);

    switch (Action & ACTION_MASK) {
    case WMIREG_ACTION_REGISTER:
        return add(DeviceObject, is_device);
    case WMIREG_ACTION_DEREGISTER:
        return remove_it(DeviceObject);
    case WMIREG_ACTION_REREGISTER:
    case WMIREG_ACTION_UPDATE_GUIDS:
        return ask_again(DeviceObject);
    case WMIREG_ACTION_BLOCK_IRPS:
        return find(DeviceObject).who ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    default:
        return STATUS_INVALID_PARAMETER;
    }
}
EXPORT(IoWMIRegistrationControl);
