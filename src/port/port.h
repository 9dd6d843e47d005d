/*
 * port.h - what layers above the port use: drivers, adapters, logical units, requests.
 *
 * The port owns the life of adapters, units and requests; it knows neither Storport nor SCSI port
 * (those register themselves through port/model.h). Completion is asynchronous (decision 5): a
 * finished request goes to its submitter's queue, and `done` runs only in that queue's poll or
 * wait, at PASSIVE_LEVEL, holding no processor.
 */
#ifndef STORHOST_PORT_PORT_H
#define STORHOST_PORT_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct port_driver;
struct port_adapter;
struct port_unit;
struct port_queue;

/* ---- requests ---- */

struct port_segment {
    void *base;
    size_t length;
};

enum port_direction { PORT_NO_DATA, PORT_DATA_IN, PORT_DATA_OUT };

/* What a request asks for; the model translates it to an SRB function. */
enum port_function {
    PORT_EXECUTE_SCSI,
    PORT_FLUSH, /* SRB flush; the port answers itself when the adapter caches nothing */
    PORT_SHUTDOWN,
    PORT_RESET_LOGICAL_UNIT, /* these three run the reset ladder's tier directly */
    PORT_RESET_TARGET,
    PORT_RESET_BUS,     /* to the adapter's unit: cdb[0] = path */
    PORT_IO_CONTROL,    /* `single` is the SRB_IO_CONTROL buffer, in and out */
    PORT_ABORT,         /* single.base: the struct port_request that is to end */
    PORT_PNP,           /* cdb[0] = STOR_PNP_ACTION, cdb[2] != 0: to the adapter */
    PORT_POWER,         /* cdb[0] = power state, cdb[1] = action, cdb[2] != 0: to the adapter */
    PORT_WMI,           /* cdb[0] = minor code, cdb[2] != 0: to the adapter, cdb[16..31] = GUID,
                         * or for IRP_MN_REGINFO cdb[1] = why */
    PORT_DUMP_POINTERS, /* `single` is the MINIPORT_DUMP_POINTERS buffer, in and out */
    PORT_FREE_DUMP_POINTERS, /* the same, as it came back */
    PORT_PROTOCOL_COMMAND,   /* `single` is the STORAGE_PROTOCOL_COMMAND buffer, in and out */
};

enum port_request_flags {
    PORT_FLAG_BYPASS_FROZEN = 1u << 0, /* goes through a frozen queue, ahead of what waits */
    PORT_FLAG_NO_FREEZE = 1u << 1,     /* an error of it does not freeze the unit's queue */
    PORT_FLAG_NO_AUTOSENSE = 1u << 2,
    PORT_FLAG_ORDERED = 1u << 3,
    PORT_FLAG_HEAD_OF_QUEUE = 1u << 4,
    PORT_FLAG_BYPASS_GATES = 1u << 5,   /* internal resets, aborts and power */
    PORT_FLAG_DISCOVERY = 1u << 6,      /* internal: the unit may be a temporary one */
    PORT_FLAG_BYPASS_LOCKED = 1u << 7,  /* goes through a locked queue, ahead of what waits */
    PORT_FLAG_UNTAGGED = 1u << 8,       /* alone on its unit */
    PORT_FLAG_NO_KEEP_AWAKE = 1u << 9,  /* fails when the adapter is powered down, does not wait */
    PORT_FLAG_D3_PROCESSING = 1u << 10, /* part of a power transition */
    PORT_FLAG_PRIORITY = 1u << 11,      /* `priority` is valid: a STOR_IO_PRIORITY_HINT */
    PORT_FLAG_LONG_CDB = 1u << 12,      /* cdb_length is above 16; storage request blocks only */
    PORT_FLAG_BIDIRECTIONAL = 1u << 13, /* `data_in` is valid; storage request blocks only */
    PORT_FLAG_ORIGINAL = 1u << 14,      /* `original` is valid */
};
/* What makes a request other than ordinary on its way to the unit. */
enum {
    PORT_FLAGS_UNUSUAL = PORT_FLAG_BYPASS_FROZEN | PORT_FLAG_BYPASS_GATES |
                         PORT_FLAG_BYPASS_LOCKED | PORT_FLAG_UNTAGGED | PORT_FLAG_NO_KEEP_AWAKE |
                         PORT_FLAG_LONG_CDB | PORT_FLAG_BIDIRECTIONAL,
};

/* The second buffer of a bidirectional command; the request's own data then goes out. */
struct port_data_in {
    void *base;
    uint32_t length;
    uint32_t transferred; /* result */
};

/* In srb_status: this error froze the unit's queue, and PORT_QUEUE_RELEASE lets it go on. */
enum { PORT_SRB_FROZEN = 0x40 };

/* The port's outcome, over and above the SRB and SCSI status. */
enum port_status {
    PORT_OK,          /* the miniport completed it: look at srb_status and scsi_status */
    PORT_NO_DEVICE,   /* unit or adapter is gone */
    PORT_TIMED_OUT,   /* the reset ladder ended it */
    PORT_CANCELLED,   /* the adapter was stopped before the request was started */
    PORT_NO_MEMORY,   /* no bounce memory could be had */
    PORT_TOO_LARGE,   /* beyond the adapter's transfer limit; nothing was sent */
    PORT_NOT_POWERED, /* PORT_FLAG_NO_KEEP_AWAKE and the adapter sleeps */
    PORT_UNSUPPORTED, /* the adapter's kind of request block cannot carry it; nothing was sent */
};

/* Owned by its submitter except between port_submit and `done`. Submitters embed it. Hot members
 * first. */
struct port_request {
    struct port_request *next; /* the port's, while it owns the request */
    struct port_unit *unit;
    void (*done)(struct port_request *request);
    struct port_segment single;          /* used when segments == NULL */
    const struct port_segment *segments; /* stays valid until done */
    uint32_t segment_count;
    uint32_t length;    /* bytes to move: sum of the segments */
    uint32_t timeout_s; /* 0: the unit's default */
    uint16_t flags;
    uint8_t function;
    uint8_t direction;
    uint8_t cdb_length; /* up to 16; with PORT_FLAG_LONG_CDB more */
    uint8_t cdb[32];
    uint8_t sense_capacity;
    uint8_t *sense; /* where autosense data goes; NULL: not wanted */

    /* Results, valid in `done`. */
    uint8_t status;     /* enum port_status */
    uint8_t srb_status; /* low six bits, and PORT_SRB_FROZEN; other flags are taken off */
    uint8_t scsi_status;
    uint8_t sense_length;
    uint32_t transferred;

    /* The port's own. */
    struct port_queue *queue;
    struct port_slot *slot;
    uint64_t number;
    uint64_t trace; /* its number in the event ring, when that is on at its submission */
    uint16_t busy_retries;
    uint8_t state;

    /* Each is looked at only when its flag is set. */
    uint8_t priority;
    const uint8_t *long_cdb; /* NULL: `cdb` is long enough */
    struct port_data_in *data_in;
    void *original;                                    /* the IRP, for the driver's eyes */
    void (*traced_done)(struct port_request *request); /* `done`, while events are wanted */
};

/* ---- completion queues ---- */

/* PASSIVE_LEVEL. A queue belongs to one thread at a time. */
int port_queue_create(struct port_queue **ret_queue);
/* Nothing submitted through it may be outstanding. */
void port_queue_destroy(struct port_queue *queue);

/* Takes the request. Starts it at once, except when called from a `done`: then all that were
 * submitted there start together after the callbacks of that poll have run. Never fails: errors
 * come through `done`. PASSIVE_LEVEL, no allocation, no lock that the contract does not ask for. */
void port_submit(struct port_queue *queue, struct port_request *request);
/* Holds submissions back until unplug, which starts them as one batch. */
void port_queue_plug(struct port_queue *queue);
void port_queue_unplug(struct port_queue *queue);
/* Runs `done` of what has finished, at most `max` (0: all there is), and returns how many. Never
 * blocks. */
unsigned port_poll(struct port_queue *queue, unsigned max);
/* As poll, but sleeps until something finished or deadline_ns (sys_now_ns clock) passed: then 0. */
unsigned port_wait(struct port_queue *queue, uint64_t deadline_ns);
/* Submits and waits, running other `done`s of the queue meanwhile. `done` of the request itself
 * is replaced. */
void port_execute(struct port_queue *queue, struct port_request *request);
/* Requests submitted and not yet done. */
unsigned port_queue_outstanding(const struct port_queue *queue);

/* Before nt_machine_stop, when every driver is unloaded. PASSIVE_LEVEL. */
void port_finalize(void);

/* ---- drivers ---- */

struct port_driver_options {
    const char *path;
    const char *service; /* NULL: the file's name without extension */
    /* Before anything of the service is in the registry; NULL: nothing to do. */
    int (*prepare)(const char *service, char *reason, size_t reason_size);
    /* "Parameters\\BusType=10", below Services\<service>; those that begin with "Device
     * Parameters\\" are values of each adapter's device, written before it starts. */
    const char *const *settings;
    size_t setting_count;
};

/* All of the following: PASSIVE_LEVEL, may block. `reason` gets one line for the user: what, where,
 * what to do. */

/* Loads the image, runs DriverEntry. 0, what image_load returns, -EINVAL (bad setting), -ENODEV
 * (DriverEntry failed, or registered no adapter: with its status). */
int port_driver_load(struct port_driver **ret_driver, const struct port_driver_options *options,
                     char *reason, size_t reason_size);
/* Every adapter of it has been removed. Calls DriverUnload. */
void port_driver_unload(struct port_driver *driver);
const char *port_driver_service(const struct port_driver *driver);
const char *port_driver_path(const struct port_driver *driver);
const struct image *port_driver_image(const struct port_driver *driver);
/* The service of the driver that is being loaded, or whose callback runs on this thread; "driver"
 * when neither is known. Any IRQL. */
const char *port_driver_running(void);

/* ---- devices ---- */

/* A device that is open before its adapter is, so that its driver can be chosen by what it is. */
struct port_device;
struct bus_device;
/* What bus_open returns, with `reason`; -EINVAL also for a "node=N" that the machine does not have.
 */
int port_device_open(struct port_device **ret_device, const char *spec, const char *const *drives,
                     size_t drive_count, char *reason, size_t reason_size);
struct bus_device *port_device_bus(struct port_device *device);
/* The node that "node=N" of its SPEC named, -1: none. */
int port_device_node(const struct port_device *device);
/* One that was not given to an adapter. */
void port_device_close(struct port_device *device);

/* ---- adapters ---- */

enum port_interrupt_preference {
    PORT_INTERRUPT_BEST, /* MSI-X, else MSI, else line */
    PORT_INTERRUPT_LINE,
    PORT_INTERRUPT_MSI,
    PORT_INTERRUPT_MSIX,
};

struct port_adapter_options {
    const char *device; /* SPEC as bus_open takes it, or "none" */
    const char *const *drives;
    size_t drive_count;
    /* The device, if it is open already: the adapter's from the call on, also when that fails. */
    struct port_device *opened;
    /* What is to be in the registry before the device gets its resources and its driver is told of
     * it: `install` writes it (an INF file's part), below the instance's key and that of its driver
     * ("Enum\\...\\0000", "Control\\Class\\...\\0000"); then come settings in the syntax of
     * nt_registry_parse_setting, below the instance's Device Parameters. A failed one fails the
     * start. With `install` the device has been installed as on Windows, so that what nobody says
     * has Windows' default: it interrupts by messages only if MSISupported says so. */
    int (*install)(void *context, const char *instance_key, const char *driver_key, char *reason,
                   size_t reason_size);
    void *install_context;
    const char *const *device_settings;
    size_t device_setting_count;
    enum port_interrupt_preference interrupts;
    unsigned message_limit; /* 0: as many as the device has and its registry allows */
    const char *acpi_node;  /* lasts as long as the machine; NULL: that of the slot */
    /* For tests of virtual miniports: StartIo is called at PASSIVE_LEVEL or DISPATCH_LEVEL by
     * chance, as its contract allows (rule S29). Requests lose their order. */
    bool any_start_irql;
    /* Called on a thread of the host at PASSIVE_LEVEL for what happens later: one line a time
     * ("unit 0:0:1 arrived", "reset of unit 0:0:0 was issued", "device removed: ..."). May be
     * NULL. */
    void (*event)(void *context, const char *line);
    void *event_context;
};

/* Opens the device, starts the adapter as lifecycle section 2 says and enumerates. 0; what bus_open
 * returns; -ENODEV (FindAdapter, HwInitialize or passive initialization failed: which and how). An
 * adapter without units starts; the caller decides. */
int port_adapter_start(struct port_adapter **ret_adapter, struct port_driver *driver,
                       const struct port_adapter_options *options, char *reason,
                       size_t reason_size);
/* Orderly stop: no new requests, drain (bounded by the reset ladder), flush, remove, close the
 * device, free. Returns -EIO if a flush failed, with a reason. */
int port_adapter_stop(struct port_adapter *adapter, char *reason, size_t reason_size);
/* One enumeration pass; waits for it. */
void port_adapter_rescan(struct port_adapter *adapter);

/* What may happen to a started adapter (lifecycle sections 12 and 13). Each waits for others of its
 * kind and for enumeration, and blocks until it is over. 0; -EINVAL from a state in which it makes
 * no sense; -EIO when the driver or the device refused; -ETIMEDOUT when requests did not finish. */
enum port_adapter_state {
    PORT_ADAPTER_RUNNING,
    PORT_ADAPTER_STOPPED,
    PORT_ADAPTER_POWERED_DOWN,
    PORT_ADAPTER_REMOVED,
    PORT_ADAPTER_FAILED,
};
int port_adapter_pnp_stop(struct port_adapter *adapter, char *reason, size_t reason_size);
int port_adapter_pnp_restart(struct port_adapter *adapter, char *reason, size_t reason_size);
int port_adapter_pnp_remove(struct port_adapter *adapter, char *reason, size_t reason_size);
int port_adapter_surprise_remove(struct port_adapter *adapter, char *reason, size_t reason_size);
/* device_state: 0 to 3; action: a STOR_POWER_ACTION. */
int port_adapter_power(struct port_adapter *adapter, unsigned device_state, unsigned action,
                       char *reason, size_t reason_size);
/* The same of one unit, which keeps its requests until it is up again. -ENODEV: it is gone. */
int port_unit_power(struct port_unit *unit, unsigned device_state, unsigned action, char *reason,
                    size_t reason_size);
/* Whether it may lose its power in D3 (D3cold): counts for the next D3 if its driver was granted
 * that when it registered, and for later registrations. -EOPNOTSUPP: its device does not know it.
 */
int port_adapter_set_cold(struct port_adapter *adapter, bool allowed);
/* Brings up the units that were ordered down, if the adapter runs. */
void port_units_power_up(struct port_adapter *adapter);
enum port_adapter_state port_adapter_state(const struct port_adapter *adapter,
                                           unsigned *ret_device_state);

/* What DeviceIoControl on the adapter's or a unit's device does. `input` and `output` may be the
 * same memory. Blocks until the driver has answered. Returns the NTSTATUS; *ret_length: bytes of
 * output. */
struct port_control_code {
    uint32_t code;
    const void *input;
    uint32_t input_length;
    void *output;
    uint32_t output_length;
    size_t *ret_length;
};
uint32_t port_adapter_control(struct port_adapter *adapter, struct port_unit *unit,
                              const struct port_control_code *control);
/* The device object that applications open: the adapter's, or a unit's; with a reference. NULL: it
 * is going, or there is none. PASSIVE_LEVEL. */
struct _DEVICE_OBJECT *port_device_object(struct port_adapter *adapter, struct port_unit *unit);

/* What the machine tells a driver of that is neither a request nor a state of its own. */
enum port_notice_kind {
    PORT_NOTICE_POWER_SETTING, /* guid, data, length: kept, and told again after each start */
    PORT_NOTICE_POWER_HINT,    /* value: RAID_SYSTEM_POWER; latency_ms */
    PORT_NOTICE_EVENT_LOGGING, /* value: the channel; on */
    PORT_NOTICE_INTERNAL_DATA, /* asks for a report, which comes as event lines */
    PORT_NOTICE_USAGE,         /* unit; value: 1 paging, 2 hibernation, 3 dump, 4 boot; on */
    PORT_NOTICE_POWER_CONTROL, /* guid, data, length, output; of an adapter or a unit */
    PORT_NOTICE_POWER_LIMIT,   /* limit */
    PORT_NOTICE_TRACING,       /* on: events are listened to from now on */
};
struct port_notice {
    enum port_notice_kind kind;
    uint8_t guid[16];
    const void *data;
    size_t length;
    uint32_t value, latency_ms;
    bool on;
    void *output;
    size_t output_length; /* room for it, then what the driver has returned */
    uint64_t limit;
};
/* PASSIVE_LEVEL. `unit` NULL: the adapter. 0; -EOPNOTSUPP: the driver does not take it; -EIO: it
 * refused; -EINVAL: the adapter does not run, or there is no such usage. A unit in use for paging,
 * hibernation or dumps keeps its adapter from being stopped and powered down. */
int port_adapter_notify(struct port_adapter *adapter, struct port_unit *unit,
                        struct port_notice *notice);

/* ---- what drivers announce: replay-protected memory, encryption ---- */

/* A replay-protected memory block. */
struct port_rpmb {
    uint32_t bytes, write_bytes_max;
    uint32_t frame_format;     /* STORAGE_RPMB_FRAME_TYPE */
    uint8_t path, target, lun; /* where its frames are sent to, ... */
    uint8_t protocol;          /* ... by SECURITY PROTOCOL IN and OUT with these */
    uint16_t protocol_specifier;
};

enum { PORT_CRYPTO_CAPABILITIES_MAX = 256, PORT_CRYPTO_KEY_BYTES_MAX = 64 };

struct port_crypto_capability {
    uint32_t index;           /* by which the driver knows it */
    uint32_t algorithm;       /* STORAGE_CRYPTO_ALGORITHM_ID */
    uint32_t key_size;        /* STORAGE_CRYPTO_KEY_SIZE */
    uint32_t data_unit_sizes; /* bit n: data units of 512 << n bytes */
};
/* What an adapter encrypts by itself. */
struct port_crypto_engine {
    uint32_t keys;
    uint32_t capability_count;
    struct port_crypto_capability capabilities[PORT_CRYPTO_CAPABILITIES_MAX];
};
/* Bytes of a key: twice the size for XTS, which has a second key for tweaks. */
uint32_t port_crypto_key_bytes(const struct port_crypto_capability *capability);
const char *port_crypto_algorithm_name(uint32_t algorithm);
unsigned port_crypto_key_bits(uint32_t key_size);

enum { PORT_CRYPTO_ANY = UINT32_MAX };
struct port_crypto_options {
    const void *key;
    size_t key_length;
    uint32_t capability;     /* index; PORT_CRYPTO_ANY: the first that the key's length suits */
    uint32_t index;          /* of the engine's keys; PORT_CRYPTO_ANY: one that is free */
    uint32_t block_size;     /* of the unit */
    uint32_t data_unit_size; /* bytes, of which blocks have one or more; 0: the block's */
};
/* The unit's reads and writes carry the key from now on; nothing of the unit is with the driver
 * while that changes. The key stays the unit's, over restarts and while it is gone, until it is
 * evicted or the adapter ends; one that the unit had before is overwritten. PASSIVE_LEVEL, blocks.
 * -EINVAL, -EOPNOTSUPP (no engine), -EBUSY (another unit has the index), -ENOSPC, -EIO (the driver
 * refused), -ETIMEDOUT, -ENOMEM; with a reason. */
int port_unit_crypto_insert(struct port_unit *unit, const struct port_crypto_options *options,
                            char *reason, size_t reason_size);
/* They carry none from now on, and the driver's copy is overwritten. -ENOENT: it had none. */
int port_unit_crypto_evict(struct port_unit *unit, char *reason, size_t reason_size);
/* Of a unit with a key; all zero without one. */
struct port_crypto_key_info {
    uint32_t data_unit_size; /* 0: no key */
    uint32_t index;
    struct port_crypto_capability capability;
};
void port_unit_crypto_describe(const struct port_unit *unit, struct port_crypto_key_info *ret_info);
/* Its reads and writes carry a key, so that nothing but them may make data. Any IRQL. */
bool port_unit_is_encrypted(const struct port_unit *unit);
/* Overwrites what in these bytes is part of a key that a unit of the adapter has. PASSIVE_LEVEL. */
void port_crypto_redact(struct port_adapter *adapter, void *bytes, size_t length);

/* ---- dumps of a running machine ---- */

/* What a driver has captured: all of it stays valid during the call that takes it. */
struct port_live_dump {
    struct port_adapter *adapter;
    const struct port_unit *unit; /* NULL: the dump is about the adapter */
    bool full;                    /* with everything; else with what is small */
    const char *issue;            /* "device panic" */
    const char *component, *bucket;
    uint8_t organization[3];
    const uint8_t *telemetry; /* the device's own */
    size_t telemetry_length;
    const uint8_t *extension; /* the driver's device extension */
    size_t extension_length;
};
/* Who writes dumps, one for the machine; NULL: nobody. It returns 0 or a negative errno, with a
 * reason, and the dump's name otherwise. PASSIVE_LEVEL. */
typedef int (*port_live_dump_writer)(const struct port_live_dump *dump, char *name,
                                     size_t name_size, char *reason, size_t reason_size);
void port_live_dump_set_writer(port_live_dump_writer writer);
/* -ENOTSUP: nobody writes dumps. */
int port_live_dump_write(const struct port_live_dump *dump, char *name, size_t name_size,
                         char *reason, size_t reason_size);
/* Copies what others may be writing: each byte as it is at its moment. */
void port_live_dump_copy(void *to, const void *from, size_t length);

/* A request that the driver has, or has had without giving it back. */
struct port_outstanding {
    uint32_t slot;
    const char *state; /* "outstanding", ... */
    const struct port_unit *unit;
    uint32_t length, age_s, timeout_s;
    uint8_t function; /* of the SRB */
    uint8_t cdb[16];  /* zeroes, if it carries none */
};
/* From *slot on, which becomes the number of the next one to look at; false: there is none. While
 * the adapter keeps its slots: inside the driver's callbacks. */
bool port_outstanding_next(const struct port_adapter *adapter, uint32_t *slot,
                           struct port_outstanding *ret_request);
const char *port_unit_name(const struct port_unit *unit);

enum { PORT_SERIAL_BYTES = 129, PORT_FRU_BYTES = 129 };

struct port_adapter_info {
    const char *driver;
    const char *device; /* "qemu:nvme" or "none" */
    unsigned port_number;
    uint16_t vendor_id, device_id; /* 0 for virtual adapters */
    bool is_virtual, full_duplex, storage_request_blocks, caches_data;
    unsigned concurrent_channels; /* 1 when not concurrent */
    const char *interrupt_kind;   /* "none", "line", "msi", "msi-x" */
    unsigned messages;
    uint32_t maximum_transfer_length, physical_breaks, alignment_mask;
    uint32_t max_io, max_io_per_unit, initial_depth;
    unsigned paths, targets, units_per_target;
    enum port_adapter_state state;
    unsigned device_state;       /* 0 to 3 */
    unsigned bus_type;           /* STORAGE_BUS_TYPE */
    const char *serial, *fru;    /* what the driver says, "" when it says nothing */
    bool takes_service_requests; /* of applications */
    /* NULL when it says nothing; they live as long as the adapter. */
    const struct port_rpmb *rpmb;
    const struct port_crypto_engine *crypto_engine;
};
void port_adapter_describe(const struct port_adapter *adapter, struct port_adapter_info *ret_info);
/* Where a message, or (0) the line, comes. False past the last. */
bool port_adapter_message(const struct port_adapter *adapter, unsigned message,
                          unsigned *ret_processor);
/* Largest request in bytes that one SRB may carry (a multiple of 4096), from MaximumTransferLength
 * and NumberOfPhysicalBreaks. */
uint32_t port_adapter_transfer_limit(const struct port_adapter *adapter);

/* ---- units ---- */

struct port_unit_info {
    unsigned path, target, lun;
    unsigned depth;
    uint8_t device_type;
    bool removable_media;
    char vendor[9], product[17], revision[5];
    const uint8_t *inquiry; /* standard data */
    size_t inquiry_length;
    const uint8_t *vpd_serial; /* page 0x80 as the device gave it, NULL if it has none */
    size_t vpd_serial_length;
    const uint8_t *vpd_identification; /* page 0x83 */
    size_t vpd_identification_length;
    /* The target's share of requests' time, as far as the driver tells it. */
    uint64_t service_time_100ns, service_count;
    uint32_t attributes; /* STOR_UNIT_ATTRIBUTES */
    unsigned bus_type;   /* its own, else its adapter's */
    /* From the driver, longer than inquiry data; "" when it says nothing. */
    const char *rich_vendor, *rich_model, *rich_revision, *fru;
    const struct port_rpmb *rpmb; /* NULL when it says nothing; lives as long as the adapter */
    unsigned device_state;        /* 0 to 3, by somebody's order */
};

/* Units in order of path, target, lun. Takes a reference on the one returned; NULL past the end. */
struct port_unit *port_unit_get(struct port_adapter *adapter, unsigned index);
void port_unit_reference(struct port_unit *unit);
void port_unit_release(struct port_unit *unit);
struct port_adapter *port_unit_adapter(const struct port_unit *unit);
void port_unit_describe(const struct port_unit *unit, struct port_unit_info *ret_info);
/* False once it was reported missing or its adapter went. */
bool port_unit_present(const struct port_unit *unit);
/* Whether the last query of bus relations has told of it: that is before it starts, and until it is
 * seen to be gone. */
bool port_unit_listed(const struct port_unit *unit);
/* Its inquiry data say that it takes several commands (CMDQUE, or BQUE of older devices). One that
 * does not gets requests with PORT_FLAG_UNTAGGED, from whoever stands for the class driver. */
bool port_unit_queues_commands(const struct port_unit *unit);
/* How often it was reset, alone or with its target or bus; wraps. A reset counts before the driver
 * is told of it. */
uint32_t port_unit_resets(const struct port_unit *unit);

/* Unit attentions that the port's own commands have met, for who would have met them otherwise. */
enum port_unit_attention {
    PORT_ATTENTION_RESET = 1u << 0,      /* 29/xx, but for power on: somebody reset the unit */
    PORT_ATTENTION_CACHE_LOST = 1u << 1, /* 29/01 (power on) or a deferred error */
    PORT_ATTENTION_CHANGED = 1u << 2,    /* all others */
};
/* Those since the last call. */
uint32_t port_unit_take_attentions(struct port_unit *unit);
/* The unit that stands for the adapter: where requests go that are addressed to it (IO_CONTROL,
 * WMI, PnP, power). Each of them has a clock of its own. Lives as long as the adapter. */
struct port_unit *port_adapter_unit(struct port_adapter *adapter);

/* What class drivers do to a unit's queue (lifecycle section 5). */
enum port_queue_operation {
    PORT_QUEUE_LOCK,    /* later requests wait; counted for each owner */
    PORT_QUEUE_UNLOCK,  /* takes back one lock of this owner */
    PORT_QUEUE_RELEASE, /* a frozen queue goes on */
    PORT_QUEUE_FLUSH,   /* what waits fails with PORT_CANCELLED and SRB status 0x16; then release */
    PORT_QUEUE_QUIESCE, /* blocks until nothing of the unit is with the miniport */
};
/* 0; -EINVAL: unlocked without a lock of this owner; -ENOMEM. `owner`: any address that tells those
 * who lock apart. PASSIVE_LEVEL; only QUIESCE blocks. */
int port_unit_queue(struct port_unit *unit, enum port_queue_operation operation, const void *owner);
/* CLAIM_DEVICE and RELEASE_DEVICE: at most one owner has the unit. -EBUSY: another; -EINVAL: not
 * its owner. Any IRQL. */
int port_unit_claim(struct port_unit *unit, const void *owner);
int port_unit_unclaim(struct port_unit *unit, const void *owner);
/* The Windows status that tells of a finished request (lifecycle section 8): STATUS_SUCCESS,
 * STATUS_IO_TIMEOUT, ... */
uint32_t port_request_nt_status(const struct port_request *request);

/* Memory that the unit's adapter can reach without copying; at most DISPATCH_LEVEL. */
void *port_buffer_allocate(size_t size);
void port_buffer_free(void *buffer);

#ifdef __cplusplus
}
#endif

#endif
