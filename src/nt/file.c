/*
 * file.c - see file.h.
 */
#include "nt/file.h"

#include "nt/bugcheck.h"
#include "nt/device.h"
#include "nt/dispatcher.h"
#include "nt/irp_private.h"
#include "nt/user_memory.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char file_mark; /* files of drivers (ZwCreateFile) are another kind of FILE_OBJECT */

struct nt_file {
    FILE_OBJECT object; /* first: what a driver sees of it */
    DEVICE_OBJECT *target, *top;
    struct nt_process *process;
    WCHAR *rest;
    struct sys_mutex mutex;
    struct nt_file_request *requests; /* under way */
    uint32_t returned;                /* how many came back; __atomic, slept on */
    bool closing;
    bool opened; /* the driver has agreed to it, and is told of its end */
};

static void call_for_end(struct nt_file *file);

static void file_destroy(void *body)
{
    struct nt_file *file = body;

    if (file->opened)
        call_for_end(file);
    free(file->rest);
    nt_object_release(file->process);
    nt_object_release(file->top);
    nt_object_release(file->target);
}

struct nt_file *nt_file_of(void *object)
{
    struct nt_file *file = object;

    return nt_object_kind_of(object) == NT_OBJECT_FILE &&
                   file->object.FileObjectExtension == &file_mark
               ? file
               : NULL;
}

FILE_OBJECT *nt_file_object(struct nt_file *file)
{
    return &file->object;
}

DEVICE_OBJECT *nt_file_top(const struct nt_file *file)
{
    return file->top;
}

static KPROCESSOR_MODE mode_of(const struct nt_file *file)
{
    return file->process == nt_process_system() ? KernelMode : UserMode;
}

struct nt_process *nt_file_requestor(const IRP *irp)
{
    const FILE_OBJECT *object = irp->Tail.Overlay.OriginalFileObject;

    if (irp->RequestorMode != UserMode)
        return nt_process_system();
    if (object && object->FileObjectExtension == &file_mark)
        return ((const struct nt_file *)object)->process;
    return nt_process_own();
}

/* ---- requests about the handle ---- */

static NTSTATUS call_for_handle(struct nt_file *file, UCHAR major, IO_SECURITY_CONTEXT *security)
{
    IRP *irp = nt_irp_allocate((unsigned)file->top->StackSize);

    if (!irp)
        return STATUS_INSUFFICIENT_RESOURCES;
    irp->RequestorMode = mode_of(file);
    irp->Tail.Overlay.OriginalFileObject = &file->object;
    IO_STACK_LOCATION *next = nt_irp_next(irp);
    next->MajorFunction = major;
    next->FileObject = &file->object;
    if (major == IRP_MJ_CREATE) {
        irp->Flags |= IRP_CREATE_OPERATION | IRP_SYNCHRONOUS_API;
        next->Parameters.Create.SecurityContext = security;
        next->Parameters.Create.Options = FILE_OPEN << 24;
        next->Parameters.Create.ShareAccess = FILE_SHARE_READ | FILE_SHARE_WRITE;
    }
    NTSTATUS status = nt_irp_call_and_wait(file->top, irp);
    nt_irp_free(irp);
    return status;
}

/* An exclusive device has one handle. */
static bool device_claim(DEVICE_OBJECT *device)
{
    LONG count = __atomic_load_n(&device->ReferenceCount, __ATOMIC_RELAXED);

    do {
        if (count > 0 && (device->Flags & DO_EXCLUSIVE))
            return false;
    } while (!__atomic_compare_exchange_n(&device->ReferenceCount, &count, count + 1, false,
                                          __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
    return true;
}

static void device_unclaim(DEVICE_OBJECT *device)
{
    __atomic_sub_fetch(&device->ReferenceCount, 1, __ATOMIC_ACQ_REL);
}

/* A driver without a routine for it does not mind. */
static void call_for_end(struct nt_file *file)
{
    (void)call_for_handle(file, IRP_MJ_CLOSE, NULL);
    device_unclaim(file->target);
}

/* Of UTF-8 that is mostly ASCII; what is more does not name anything. */
static bool set_rest(struct nt_file *file, const char *rest)
{
    size_t length = strlen(rest);

    file->rest = calloc(length + 1, sizeof(WCHAR));
    if (!file->rest)
        return false;
    for (size_t i = 0; i < length; i++)
        file->rest[i] = (unsigned char)rest[i];
    file->object.FileName = (UNICODE_STRING){
        .Buffer = file->rest,
        .Length = (USHORT)(2 * length),
        .MaximumLength = (USHORT)(2 * length + 2),
    };
    return true;
}

static struct nt_file *file_create(DEVICE_OBJECT *target, unsigned access)
{
    struct nt_file *file = nt_object_create(NT_OBJECT_FILE, sizeof(*file), file_destroy);

    if (!file)
        return NULL;
    nt_object_reference(target);
    file->target = target;
    file->top = nt_device_top(target);
    /* A handle is an application's, whoever's thread it is that opens it, but for drivers' own. */
    file->process = nt_self()->process ? nt_self()->process : nt_process_own();
    if (access & NT_FILE_KERNEL)
        file->process = nt_process_system();
    nt_object_reference(file->process);
    file->object.Type = IO_TYPE_FILE;
    file->object.Size = sizeof(file->object);
    file->object.DeviceObject = target;
    file->object.ReadAccess = (access & NT_FILE_READ) != 0;
    file->object.WriteAccess = (access & NT_FILE_WRITE) != 0;
    file->object.SharedRead = file->object.SharedWrite = TRUE;
    file->object.FileObjectExtension = (void *)(uintptr_t)&file_mark;
    nt_dispatcher_initialize(&file->object.Event.Header, NT_NOTIFICATION_EVENT, sizeof(KEVENT), 0);
    nt_dispatcher_initialize(&file->object.Lock.Header, NT_SYNCHRONIZATION_EVENT, sizeof(KEVENT),
                             1);
    return file;
}

NTSTATUS nt_file_open(DEVICE_OBJECT *target, unsigned access, const char *rest,
                      struct nt_file **ret_file)
{
    IO_SECURITY_CONTEXT security = {
        .DesiredAccess = SYNCHRONIZE | FILE_READ_ATTRIBUTES |
                         (access & NT_FILE_READ ? FILE_READ_DATA : 0) |
                         (access & NT_FILE_WRITE ? FILE_WRITE_DATA : 0),
    };
    struct nt_file *file = file_create(target, access);

    if (!file)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (!set_rest(file, rest)) {
        nt_object_release(file);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    if (!device_claim(target)) {
        nt_object_release(file);
        return STATUS_ACCESS_DENIED;
    }
    NTSTATUS status = call_for_handle(file, IRP_MJ_CREATE, &security);
    if (NT_SUCCESS(status)) {
        file->opened = true;
        *ret_file = file;
        return status;
    }
    device_unclaim(target);
    nt_object_release(file);
    return status;
}

void nt_file_close(struct nt_file *file)
{
    const struct nt_file_request *left;

    sys_mutex_lock(&file->mutex);
    file->closing = true;
    sys_mutex_unlock(&file->mutex);
    (void)nt_file_cancel(file, NULL, false);
    (void)call_for_handle(file, IRP_MJ_CLEANUP, NULL); /* as CLOSE */
    do {
        sys_mutex_lock(&file->mutex);
        left = file->requests;
        uint32_t returned = __atomic_load_n(&file->returned, __ATOMIC_SEQ_CST);
        sys_mutex_unlock(&file->mutex);
        if (left)
            sys_wait(&file->returned, returned, SYS_FOREVER);
    } while (left);
    nt_object_release(file);
}

/* ---- requests ---- */

static bool has_access(const struct nt_file *file, const struct nt_file_request *request)
{
    unsigned needed = request->operation == NT_FILE_CONTROL     ? request->code >> 14 & 3
                      : request->operation == NT_FILE_READ_DATA ? FILE_READ_ACCESS
                                                                : FILE_WRITE_ACCESS;

    return (!(needed & FILE_READ_ACCESS) || file->object.ReadAccess) &&
           (!(needed & FILE_WRITE_ACCESS) || file->object.WriteAccess);
}

static IRP *build(const struct nt_file *file, struct nt_file_request *request, KEVENT *done,
                  IO_STATUS_BLOCK *result)
{
    LARGE_INTEGER offset = {.QuadPart = (LONGLONG)request->offset};

    switch (request->operation) {
    case NT_FILE_CONTROL:
        return nt_irp_build_control(request->code, file->top, request->input, request->input_length,
                                    request->output, request->output_length, false, done, result);
    case NT_FILE_READ_DATA:
        return nt_irp_build(IRP_MJ_READ, file->top, request->output, request->output_length,
                            &offset, done, result);
    default:
        return nt_irp_build(IRP_MJ_WRITE, file->top, request->input, request->input_length, &offset,
                            done, result);
    }
}

/* False: the handle is going, or nobody wants the request any more. */
static bool request_add(struct nt_file *file, struct nt_file_request *request)
{
    sys_mutex_lock(&file->mutex);
    bool good = !file->closing && !__atomic_load_n(&request->unwanted, __ATOMIC_SEQ_CST);
    if (good) {
        request->next = file->requests;
        file->requests = request;
    }
    sys_mutex_unlock(&file->mutex);
    return good;
}

/* From here on nobody cancels it; whoever does so is through. */
static void request_remove(struct nt_file *file, struct nt_file_request *request)
{
    uint32_t cancelers;

    sys_mutex_lock(&file->mutex);
    for (struct nt_file_request **link = &file->requests; *link; link = &(*link)->next) {
        if (*link == request) {
            *link = request->next;
            break;
        }
    }
    sys_mutex_unlock(&file->mutex);
    while ((cancelers = __atomic_load_n(&request->cancelers, __ATOMIC_SEQ_CST)) != 0)
        sys_wait(&request->cancelers, cancelers, SYS_FOREVER);
}

static void thread_leaves(struct nt_file *file, struct nt_file_request *request)
{
    sys_mutex_lock(&file->mutex);
    request->thread = NULL;
    sys_mutex_unlock(&file->mutex);
    (void)nt_thread_take_alert();
}

/* The machine behind the device stays while a dispatch routine has the request. One that the driver
 * keeps may outlive it, so it is not looked at when the request is back. */
static void call_kept(struct nt_file *file, IRP *irp)
{
    const struct nt_device_keeper *keeper = nt_device_get_keeper(file->target);
    void *kept = NULL;
    bool inside = keeper && keeper->enter(file->target, &kept);

    nt_irp_call(file->top, irp);
    if (inside)
        keeper->leave(file->target, kept);
}

static void send_and_wait(struct nt_file *file, struct nt_file_request *request)
{
    struct nt_thread *self = nt_self();
    KEVENT back;

    request->irp->RequestorMode = mode_of(file);
    request->irp->Tail.Overlay.OriginalFileObject = &file->object;
    request->irp->Tail.Overlay.Thread = (PETHREAD)self;
    nt_irp_next(request->irp)->FileObject = &file->object;
    nt_irp_keep(request->irp, &back);
    __atomic_store_n(&self->alerted, false, __ATOMIC_SEQ_CST);
    __atomic_store_n(&self->terminating, false, __ATOMIC_SEQ_CST);
    request->thread = self;
    if (!request_add(file, request)) {
        request->irp->IoStatus.Status = STATUS_CANCELLED;
        return;
    }
    call_kept(file, request->irp);
    thread_leaves(file, request);
    nt_dispatcher_wait(&back.Header, NULL);
    request_remove(file, request);
}

static void tell_closer(struct nt_file *file)
{
    __atomic_add_fetch(&file->returned, 1, __ATOMIC_SEQ_CST);
    sys_wake(&file->returned, INT_MAX);
}

void nt_file_send(struct nt_file *file, struct nt_file_request *request)
{
    IO_STATUS_BLOCK result = {{0}, 0};
    KEVENT done;

    request->information = 0;
    if (!has_access(file, request)) {
        request->status = STATUS_ACCESS_DENIED;
        return;
    }
    nt_dispatcher_initialize(&done.Header, NT_NOTIFICATION_EVENT, sizeof(done), 0);
    request->irp = build(file, request, &done, &result);
    if (!request->irp) {
        request->status = STATUS_INSUFFICIENT_RESOURCES;
        return;
    }
    nt_object_reference(file);
    nt_user_request_begin(file->process);
    send_and_wait(file, request);
    /* Output is copied back here, in the caller's context. */
    irp_end(request->irp);
    nt_user_request_end(file->process);
    request->irp = NULL;
    request->status = result.Status;
    request->information = result.Information;
    tell_closer(file);
    nt_object_release(file);
}

/* ---- cancellation ---- */

/* One that nobody has cancelled yet; it stays until cancel_end. */
static struct nt_file_request *cancel_begin(struct nt_file *file,
                                            const struct nt_file_request *wanted)
{
    sys_mutex_lock(&file->mutex);
    struct nt_file_request *request = file->requests;
    while (request && (request->cancelled || (wanted && request != wanted)))
        request = request->next;
    if (request) {
        request->cancelled = true;
        __atomic_add_fetch(&request->cancelers, 1, __ATOMIC_SEQ_CST);
    }
    sys_mutex_unlock(&file->mutex);
    return request;
}

/* A driver that waits in the sender's thread instead of keeping the request is told as well. */
static void alert_thread(struct nt_file *file, struct nt_file_request *request, bool terminate)
{
    sys_mutex_lock(&file->mutex);
    if (request->thread)
        nt_thread_alert(request->thread, terminate);
    sys_mutex_unlock(&file->mutex);
}

unsigned nt_file_cancel(struct nt_file *file, const struct nt_file_request *wanted, bool terminate)
{
    struct nt_file_request *request;
    unsigned count = 0;

    while ((request = cancel_begin(file, wanted)) != NULL) {
        nt_irp_cancel(request->irp);
        alert_thread(file, request, terminate);
        if (!__atomic_sub_fetch(&request->cancelers, 1, __ATOMIC_SEQ_CST))
            sys_wake(&request->cancelers, INT_MAX);
        count++;
    }
    return count;
}
