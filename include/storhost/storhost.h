/*
 * storhost.h - libstorhost: run Windows storage miniports in this process and use their disks.
 *
 * A process is one machine. Order of use:
 *   storhost_start -> storhost_driver_load -> storhost_adapter_start -> storhost_unit_get
 *   -> storhost_queue_create (one a thread) -> storhost_submit / storhost_read ... -> storhost_poll
 *   or storhost_wait -> ... -> storhost_queue_destroy -> storhost_adapter_stop
 *   -> storhost_driver_unload -> storhost_stop.
 *
 * Functions that return int give 0 or a negative errno. Functions that take `struct storhost_error`
 * write one line for people there: what, where, what to do next. Unless said otherwise functions
 * may be called from any thread. A driver's bug check ends the process with status 57.
 */
#ifndef STORHOST_STORHOST_H
#define STORHOST_STORHOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define STORHOST_API __attribute__((visibility("default")))

struct storhost_error {
    char text[512];
};

/* ---- the machine ---- */

struct storhost_options {
    size_t size;         /* sizeof(struct storhost_options) */
    unsigned processors; /* virtual processors, 1 to 256; 0: those of the host */
    size_t memory_bytes; /* memory that devices can reach, at most 2 GiB; 0: 256 MiB */
    uint64_t seed;       /* of everything random; 0: choose one */
    /* How much of it devices see below 4 GiB, at least 4 MiB; they see the rest above. 0: all. */
    size_t low_memory_bytes;
    /* Shuffle pages of the memory, by the seed, so that lists of physical pieces are long: those of
     * its second half, at most 64 MiB. */
    bool scatter;
    /* One line a call (log, debug print of drivers), from any thread; NULL: stderr. */
    void (*log)(void *context, const char *line);
    void *log_context;
    /* Last words before a bug check ends the process; must not block or call back. May be NULL. */
    void (*bugcheck)(uint32_t code, const char *reason);
    /* Which traces and events of drivers go to the log: "LEVEL[,FLAG...]", LEVEL being critical,
     * error, warning, information, verbose or a number, FLAG a trace flag of the driver (none:
     * all). NULL: no traces. Of debug prints, errors are shown always, warnings with level warning,
     * those of all named levels (DbgPrint) with information, and all with verbose. */
    const char *driver_trace;
    /* Registry hives, "[KEY=]FILE[,write]": a Windows SYSTEM hive, whose current control set
     * becomes the machine's; a hive whose root is the key of a service, the first driver's; or any,
     * for a KEY of the control set. With ",write" what drivers change there is kept in the file: at
     * storhost_registry_flush, at storhost_stop, and when a driver asks. INF files and settings win
     * over them, and are not kept. */
    const char *const *registry;
    size_t registry_count;
    /* Compiled ACPI tables: at most one DSDT, and SSDTs. acpiexec (acpica-tools) evaluates what
     * drivers ask of them. */
    const char *const *acpi;
    size_t acpi_count;
    /* Where the processors are: "groups=2,nodes=2,cpus=8" (docs/topology.md). NULL: where those of
     * the host are or, when `processors` says how many, in one package. */
    const char *topology;
    /* A file that gets a timeline of everything that happens in the machine, as
     * storhost_trace_start makes it. NULL: none. */
    const char *trace;
    uint64_t trace_limit_bytes; /* how large it may become; 0: 256 MiB */
    /* A directory that is there, for dumps that drivers capture (StorPortCaptureLiveDump): a JSON
     * file each, at most 16 while the machine runs. Events are then kept, so that a dump has the
     * last ones. NULL: drivers are told that there are no dumps. */
    const char *dumps;
};

/* Once a process; again after storhost_stop. -EALREADY when running. */
STORHOST_API int storhost_start(const struct storhost_options *options,
                                struct storhost_error *error);
/* Every adapter stopped and every driver unloaded. */
STORHOST_API void storhost_stop(void);

/* Writes registry hives that were given with ",write" and that drivers have changed; all of a
 * file's changes or none. storhost_stop does it too, but can only log what goes wrong. */
STORHOST_API int storhost_registry_flush(struct storhost_error *error);

/* Records what happens from now on into a file (docs/tracing.md): Chrome trace format, which
 * Perfetto opens, also when the process is killed. While a recording runs, the driver is told that
 * its events are listened to. -EBUSY: one runs already; what opening the file returns. */
STORHOST_API int storhost_trace_start(const char *path, uint64_t limit_bytes,
                                      struct storhost_error *error);
/* Completes the file. What it lacks is logged. storhost_stop does it too. -ENOENT: no recording. */
STORHOST_API int storhost_trace_stop(struct storhost_error *error);

struct storhost_machine_info {
    size_t size;
    unsigned processors, groups, nodes, packages, dies, cores;
    size_t memory_bytes;
};
struct storhost_processor_info {
    unsigned group, number; /* the number is one in the group */
    unsigned node, package, die, core;
    unsigned efficiency; /* more: faster, and less efficient */
};
struct storhost_node_info {
    unsigned processors;
    size_t memory_bytes;
};
/* The machine that runs. Set info->size first. */
STORHOST_API int storhost_machine_describe(struct storhost_machine_info *info);
/* By the number across the machine, from 0; false past the end. */
STORHOST_API bool storhost_processor_at(unsigned index, struct storhost_processor_info *ret_info);
STORHOST_API bool storhost_node_at(unsigned index, struct storhost_node_info *ret_info);
/* All that as JSON text, to be freed with free(). */
STORHOST_API int storhost_machine_json(char **ret_json);

/* "0.1.0" */
STORHOST_API const char *storhost_version(void);

/* ---- what drivers can import ---- */

enum storhost_routine_kind {
    STORHOST_ROUTINE_IMPORT,       /* by its name */
    STORHOST_ROUTINE_EXTENDED,     /* a code of StorPortExtendedFunction */
    STORHOST_ROUTINE_NOTIFICATION, /* a type of StorPortNotification */
};
struct storhost_routine {
    const char *image;    /* "storport.sys", "ntoskrnl.exe" */
    const char *name;     /* "StorPortInitialize" */
    const char *category; /* as in the vendor's reference */
    const char *file;     /* where it is implemented */
    unsigned irql_max;    /* highest legal IRQL */
    bool is_variable;     /* a variable, not a routine */
    enum storhost_routine_kind kind;
    unsigned code; /* or type; 0 for imports */
};
/* Imports in the order of image, category and name, then what is called by a code, then by a type;
 * false past the end. No machine need be running. */
STORHOST_API bool storhost_routine_at(size_t index, struct storhost_routine *ret_routine);

/* ---- drivers and adapters ---- */

struct storhost_driver;
struct storhost_adapter;
struct storhost_unit;

struct storhost_driver_options {
    size_t size;
    /* A .sys file or ELF module, or an INF file (its name ends with .inf or .inx). */
    const char *path;
    const char *service; /* service name; NULL: what the INF file says, else the file's name */
    /* Registry: "Parameters\\Device\\SizeMegabytes=64" below the service's key; "Device
     * Parameters\\..." below that of each adapter. They win over the INF file. */
    const char *const *settings;
    size_t setting_count;
    /* The rest is for an INF file. The driver that it stands for; NULL: its binary beside it, or a
     * module that is called like it, with .so for .sys. */
    const char *module;
    /* What storhost_adapter_start will be given for the first adapter; NULL: "none". The device's
     * ids choose the model. It is opened here, and kept for that adapter. */
    const char *device;
    const char *const *drives;
    size_t drive_count;
};
STORHOST_API int storhost_driver_load(struct storhost_driver **ret_driver,
                                      const struct storhost_driver_options *options,
                                      struct storhost_error *error);
STORHOST_API void storhost_driver_unload(struct storhost_driver *driver);
/* What the driver's file is: when it was linked, where its symbols are, who has signed it, which of
 * its imports are not there. Lines of text, or with `json` an object; to be freed with free(). */
STORHOST_API int storhost_driver_describe(struct storhost_driver *driver, bool json,
                                          char **ret_text);
/* Who has signed the file of a Windows image, in one line with its path. False: it is a module. */
STORHOST_API bool storhost_driver_signature(struct storhost_driver *driver, char *text,
                                            size_t size);

struct storhost_inf_options {
    size_t size;
    const char *path;
    /* For which device: one that is opened (the machine must run, except for "none"), or a hardware
     * id such as "PCI\\VEN_1B36&DEV_0010". Both NULL: for all that the file knows. */
    const char *device;
    const char *const *drives;
    size_t drive_count;
    const char *id;
    bool json;
};
/* What an INF file would do: the model that is chosen and why, the service, each registry value,
 * what is ignored. Nothing is done. The text is to be freed with free(). */
STORHOST_API int storhost_inf_describe(const struct storhost_inf_options *options, char **ret_text,
                                       struct storhost_error *error);

enum storhost_interrupts {
    STORHOST_INTERRUPTS_BEST,
    STORHOST_INTERRUPTS_LINE,
    STORHOST_INTERRUPTS_MSI,
    STORHOST_INTERRUPTS_MSIX,
};

struct storhost_adapter_options {
    size_t size;
    const char *device;        /* "none", "qemu:nvme,serial=x", "model:scratch" */
    const char *const *drives; /* "file=disk.img", in the order of --drive */
    size_t drive_count;
    enum storhost_interrupts interrupts;
    unsigned message_limit; /* 0: no limit of ours */
    void (*event)(void *context, const char *line);
    void *event_context;
    /* Of storhost_adapter_crash; the adapter's from the call on, and `device` is not looked at. */
    struct storhost_device *crashed_device;
    /* The device's node in the ACPI tables, such as "\\_SB.PCI0.SATA"; NULL: the one of its slot
     * (its number in the order of starts, function 0) below the root bridge, if there is one. */
    const char *acpi_node;
};
/* Starts the adapter and finds its units. May block for seconds. */
STORHOST_API int storhost_adapter_start(struct storhost_adapter **ret_adapter,
                                        struct storhost_driver *driver,
                                        const struct storhost_adapter_options *options,
                                        struct storhost_error *error);
/* Drains, flushes, stops and frees. All units released, nothing outstanding. -EIO: a flush failed;
 * data that was acknowledged but not flushed may be lost, and `error` says so. */
STORHOST_API int storhost_adapter_stop(struct storhost_adapter *adapter,
                                       struct storhost_error *error);
STORHOST_API void storhost_adapter_rescan(struct storhost_adapter *adapter);

/* ---- what happens to adapters: Plug and Play, power ---- */

enum storhost_adapter_state {
    STORHOST_ADAPTER_RUNNING,
    STORHOST_ADAPTER_STOPPED,      /* for a rebalance of resources; requests wait */
    STORHOST_ADAPTER_POWERED_DOWN, /* requests wait */
    STORHOST_ADAPTER_REMOVED,      /* requests fail with STORHOST_NO_DEVICE */
    STORHOST_ADAPTER_FAILED,       /* a restart or power-up failed; the same */
};

/* Each blocks until the driver has been through it, and may be called while requests are under way.
 * -EINVAL: not from this state (the line says which it is); -EIO: the driver or the device refused;
 * -ETIMEDOUT: requests under way did not finish. One at a time for an adapter; others wait. */

/* Stop for a rebalance: requests under way finish, later ones wait; FLUSH, PnP StopDevice,
 * ScsiStopAdapter; resources are taken away, the device extension stays. */
STORHOST_API int storhost_adapter_pnp_stop(struct storhost_adapter *adapter,
                                           struct storhost_error *error);
/* After a stop: FindAdapter, HwInitialize and so on with the old device extension; then what waited
 * goes on. */
STORHOST_API int storhost_adapter_pnp_restart(struct storhost_adapter *adapter,
                                              struct storhost_error *error);
/* Orderly removal: requests under way finish, later ones fail, the driver is told and its resources
 * are freed. storhost_adapter_stop frees the adapter afterwards. */
STORHOST_API int storhost_adapter_pnp_remove(struct storhost_adapter *adapter,
                                             struct storhost_error *error);
/* The device is gone at once, as if pulled: nothing of it answers any more, requests fail. */
STORHOST_API int storhost_adapter_surprise_remove(struct storhost_adapter *adapter,
                                                  struct storhost_error *error);

enum storhost_power_action {
    STORHOST_POWER_NONE, /* runtime power management */
    STORHOST_POWER_SLEEP,
    STORHOST_POWER_HIBERNATE,
    STORHOST_POWER_SHUTDOWN,
};
/* device_state 0 (working) to 3 (off). Down: units, then the adapter; requests wait until it is up
 * again. To the state that it has: 0. */
STORHOST_API int storhost_adapter_power(struct storhost_adapter *adapter, unsigned device_state,
                                        enum storhost_power_action action,
                                        struct storhost_error *error);
/* The same of one unit, whose requests wait until it is up again; its adapter goes on. */
STORHOST_API int storhost_unit_power(struct storhost_unit *unit, unsigned device_state,
                                     enum storhost_power_action action,
                                     struct storhost_error *error);
/* Whether the adapter may lose its power in D3, from the next D3 on where its driver was granted
 * D3cold, else when it registers next. -EOPNOTSUPP: its device does not know D3cold. */
STORHOST_API int storhost_adapter_d3_cold(struct storhost_adapter *adapter, bool allowed);
STORHOST_API enum storhost_adapter_state
storhost_adapter_state(const struct storhost_adapter *adapter, unsigned *ret_device_state);
/* "running", "stopped", "powered down", "removed", "failed" */
STORHOST_API const char *storhost_adapter_state_name(enum storhost_adapter_state state);
/* A setting of the system's power policy: kept for the adapter, and told to its driver if that has
 * registered for it, now and after each start. -EOPNOTSUPP: the driver does not take it. */
STORHOST_API int storhost_adapter_power_setting(struct storhost_adapter *adapter,
                                                const uint8_t guid[16], const void *value,
                                                size_t length);
/* How much power the whole system uses (1 lowest to 4 high), and how fast units should be back. */
STORHOST_API int storhost_adapter_power_hint(struct storhost_adapter *adapter, unsigned level,
                                             unsigned latency_ms);

/* Runtime power management: what a driver has registered of its adapter or of a unit. */
enum { STORHOST_FSTATES_MAX = 8, STORHOST_PERF_STATES_MAX = 8 };
#define STORHOST_UNKNOWN_TIME UINT64_MAX
struct storhost_fstate {
    uint64_t latency_100ns, residency_100ns; /* STORHOST_UNKNOWN_TIME */
    uint32_t power_uw;                       /* UINT32_MAX: unknown */
    uint64_t time_ns, entries;               /* spent in it while idle, and how often */
};
struct storhost_power_info {
    size_t size;
    unsigned path, target, lun; /* of a unit */
    bool registered;            /* what follows is 0 otherwise, unless it says more */
    bool active;                /* the condition; else idle */
    bool power_required, d3_cold;
    unsigned device_state; /* 3: it sleeps, and a request wakes it */
    unsigned fstate, fstate_count;
    struct storhost_fstate fstates[STORHOST_FSTATES_MAX];
    uint64_t active_ns, d3_ns;
    uint64_t activations, sleeps;
    unsigned references; /* of the driver */
    uint32_t idle_timeout_ms;
    uint64_t latency_limit_100ns, residency_hint_100ns; /* STORHOST_UNKNOWN_TIME: none */
    bool by_port;           /* the driver knows nothing of it: EnableIdlePowerManagement */
    unsigned ordered_state; /* of a unit, registered or not: where storhost_unit_power has put it */
    bool d3_cold_supported, d3_cold_allowed; /* of the adapter, registered or not */
};
/* `unit` NULL: the adapter's. Set info->size first. Wakes nothing. */
STORHOST_API int storhost_power_describe(struct storhost_adapter *adapter,
                                         struct storhost_unit *unit,
                                         struct storhost_power_info *info);
struct storhost_perf_set {
    size_t size;
    const char *unit; /* "other", "frequency", "bandwidth", "milliwatts" */
    bool is_range;
    unsigned count;                            /* of discrete states */
    uint64_t values[STORHOST_PERF_STATES_MAX]; /* of discrete states; of a range: least and most */
    uint64_t current;                          /* an index; of a range: a value */
};
/* Sets of performance states that the driver has registered, from 0; false past the end. Set
 * ret_set->size first. */
STORHOST_API bool storhost_perf_set_at(struct storhost_adapter *adapter, unsigned index,
                                       struct storhost_perf_set *ret_set);
/* What nobody needs goes as deep as it may, without waiting for its time-outs. */
STORHOST_API void storhost_adapter_idle_now(struct storhost_adapter *adapter);
/* The most that the adapter may draw: for drivers with several states by what they draw, else
 * -EOPNOTSUPP. -EIO: the driver refused. */
STORHOST_API int storhost_adapter_power_limit(struct storhost_adapter *adapter,
                                              uint64_t milliwatts);
/* A private request of the platform to the driver (PoFxPowerControl), for the adapter or a unit.
 * *length: room for output, then what came back. -EOPNOTSUPP: nobody registered, or the driver
 * takes none; -EIO: it refused. */
STORHOST_API int storhost_power_control(struct storhost_adapter *adapter,
                                        struct storhost_unit *unit, const uint8_t guid[16],
                                        const void *input, size_t input_length, void *output,
                                        size_t *length);
/* The driver is to write events of a channel, or to write none. */
STORHOST_API int storhost_adapter_event_logging(struct storhost_adapter *adapter, unsigned channel,
                                                bool on);
/* Asks the driver for its internal data; they come as event lines. `unit` NULL: the adapter's. */
STORHOST_API int storhost_adapter_report_internal_data(struct storhost_adapter *adapter,
                                                       struct storhost_unit *unit);
/* HwStorResetBus of a path, with what belongs to it; blocks until the bus may be used again. */
STORHOST_API int storhost_adapter_reset_bus(struct storhost_adapter *adapter, unsigned path,
                                            struct storhost_error *error);

/* ---- control codes ---- */

/* What DeviceIoControl on the adapter's device (a unit's, when `unit` is not NULL) does: an
 * IRP_MJ_DEVICE_CONTROL through the driver's dispatch table. `input` and `output` may be the same
 * memory. *ret_length: bytes in `output`. 0, or the negative errno for the IRP's status, with the
 * NTSTATUS in *ret_status (NULL: not wanted). Blocks until the IRP is completed. */
STORHOST_API int storhost_ioctl(struct storhost_adapter *adapter, struct storhost_unit *unit,
                                uint32_t code, const void *input, size_t input_length, void *output,
                                size_t output_length, size_t *ret_length, uint32_t *ret_status);

/* ---- crash dumps and hibernation ---- */

struct storhost_dump;

/* DumpMode as drivers see it. */
enum storhost_dump_mode {
    STORHOST_DUMP_CRASH = 1,
    STORHOST_DUMP_HIBERNATE,
    STORHOST_DUMP_MARK_MEMORY,
    STORHOST_DUMP_RESUME,
};

/* Gets ready to write to a unit by other instances of its driver, one for each mode of the mask
 * (bit 1 << mode): the driver is told and asked for dump pointers, private copies of its image are
 * loaded, memory is reserved. The unit stays in use for dumps until storhost_dump_free. */
STORHOST_API int storhost_dump_prepare(struct storhost_dump **ret_dump, struct storhost_unit *unit,
                                       unsigned modes, struct storhost_error *error);
/* Before the unit's adapter is stopped, with the machine running. */
STORHOST_API void storhost_dump_free(struct storhost_dump *dump);

/* The machine stands still as at a crash: no callback of a driver goes on, whatever it was doing.
 * Between the two the calling thread does nothing of this library but what follows here, and no
 * other thread writes to memory of storhost_buffer_allocate. */
STORHOST_API int storhost_machine_freeze(struct storhost_error *error);
STORHOST_API void storhost_machine_thaw(void);

/* Starts the instance for one of the modes that were prepared, each of them once. After an error
 * leave it all the same. */
STORHOST_API int storhost_dump_enter(struct storhost_dump *dump, enum storhost_dump_mode mode,
                                     struct storhost_error *error);
/* `length`: whole blocks, at most transfer_limit; the buffer that the driver gets begins
 * `misalignment` bytes behind the start of a page, a multiple of `alignment`. */
STORHOST_API int storhost_dump_write(struct storhost_dump *dump, uint64_t block, const void *data,
                                     uint32_t length, unsigned misalignment,
                                     struct storhost_error *error);
STORHOST_API int storhost_dump_read(struct storhost_dump *dump, uint64_t block, void *data,
                                    uint32_t length, unsigned misalignment,
                                    struct storhost_error *error);
STORHOST_API int storhost_dump_flush(struct storhost_dump *dump, struct storhost_error *error);
STORHOST_API void storhost_dump_leave(struct storhost_dump *dump);
/* Between two instances, or before storhost_adapter_crash: the unit's device loses its state, as if
 * it had been switched off and on. -ENOTSUP: it cannot be reset. */
STORHOST_API int storhost_dump_power_cycle(struct storhost_dump *dump);

struct storhost_dump_info {
    size_t size;
    bool pointers;       /* the driver answered SRB_FUNCTION_DUMP_POINTERS */
    bool resume_capable; /* it can be started with STORHOST_DUMP_RESUME */
    /* Of the instance that is entered, or was last. */
    uint32_t transfer_limit, alignment;
    uint32_t budget, uncached; /* bytes of DMA memory: what it may take, and has taken */
    uint32_t extension, srb_extension;
    unsigned marked; /* ranges of memory */
    uint64_t marked_bytes;
    uint64_t requests, polls; /* calls of the interrupt routine */
    uint64_t entered_ns;      /* from DriverEntry until it could write */
    uint64_t total_ns, longest_ns;
    uint64_t findings; /* counted when it is left */
    char refused[256]; /* routines that are not there for dumps and were called: rule DUMP-03 */
};
/* Set info->size first. */
STORHOST_API int storhost_dump_describe(const struct storhost_dump *dump,
                                        struct storhost_dump_info *info);
/* Memory that the instance has marked; false past the end. */
STORHOST_API bool storhost_dump_marked(const struct storhost_dump *dump, unsigned index,
                                       const void **ret_memory, size_t *ret_length);

struct storhost_device;
/* The machine stands still; in place of storhost_machine_thaw. Takes the device from the adapter as
 * a reboot does: that one ends like one whose device was pulled. The device keeps its state and is
 * for the next adapter (storhost_adapter_options.crashed_device). NULL: no memory, or there is no
 * device. */
STORHOST_API struct storhost_device *storhost_adapter_crash(struct storhost_adapter *adapter);
/* One that was not given to an adapter. */
STORHOST_API void storhost_device_close(struct storhost_device *device);

/* ---- the registry of a running machine ---- */

/* A key is below that of the adapter's driver ("Parameters\\Device"), below that of its device
 * ("Device Parameters\\..."), or, with a backslash before it, anywhere in the current control set
 * ("\\Services\\disk"). The name "" is that of a key's unnamed value. Drivers that watch a key are
 * told of changes, and a hive that is written keeps them. -ENOENT: there is no such key or value.
 */

/* Keys ("[name]") and values ("name=value"), a line each, to be freed with free(). */
STORHOST_API int storhost_registry_list(struct storhost_adapter *adapter, const char *key,
                                        char **ret_text, struct storhost_error *error);
/* The value as text, to be freed with free(). */
STORHOST_API int storhost_registry_get(struct storhost_adapter *adapter, const char *key,
                                       const char *name, char **ret_text,
                                       struct storhost_error *error);
/* `value` as settings have it: a number, hex:01,02, or text. Missing keys are made. */
STORHOST_API int storhost_registry_set(struct storhost_adapter *adapter, const char *key,
                                       const char *name, const char *value,
                                       struct storhost_error *error);
/* `name` NULL: the key and all below it. */
STORHOST_API int storhost_registry_delete(struct storhost_adapter *adapter, const char *key,
                                          const char *name, struct storhost_error *error);

struct storhost_adapter_info {
    size_t size;
    const char *driver;         /* service name; these strings live as long as the adapter */
    const char *device;         /* "qemu:nvme", "none" */
    const char *interrupt_kind; /* "none", "line", "msi", "msi-x" */
    unsigned port_number;
    uint16_t vendor_id, device_id; /* 0 for virtual adapters */
    bool is_virtual, full_duplex, storage_request_blocks, caches_data;
    unsigned concurrent_channels; /* 1 when requests are started one at a time */
    unsigned messages;            /* interrupt messages that were granted */
    uint32_t maximum_transfer_length, physical_breaks, alignment_mask;
    uint32_t transfer_limit; /* bytes in one request, from the two limits above */
    uint32_t max_io, max_io_per_unit, initial_depth;
    unsigned paths, targets, units_per_target; /* what is searched for units */
    enum storhost_adapter_state state;
    unsigned device_state;    /* 0 to 3 */
    unsigned bus_type;        /* STORAGE_BUS_TYPE */
    const char *serial, *fru; /* what the driver says of the adapter; "" for nothing */
    uint32_t rpmb_bytes;      /* of its replay-protected memory block; 0: none is announced */
    uint32_t crypto_keys;     /* of its encryption engine; 0: none is announced */
    uint32_t crypto_capabilities;
    const char *acpi_node;       /* "" for none */
    bool takes_service_requests; /* a virtual driver with a partner among applications */
};
/* Set info->size first. */
STORHOST_API int storhost_adapter_describe(struct storhost_adapter *adapter,
                                           struct storhost_adapter_info *info);
/* The processor, across the machine, that an interrupt message of the adapter is aimed at; the line
 * is message 0. False past the last. */
STORHOST_API bool storhost_adapter_message(struct storhost_adapter *adapter, unsigned message,
                                           unsigned *ret_processor);
/* Names of the methods of its ACPI node, from 0; NULL past the end. */
STORHOST_API const char *storhost_adapter_acpi_method(struct storhost_adapter *adapter,
                                                      unsigned index);
/* The whole description (adapter, configuration, units, inquiry data) as JSON text, to be freed
 * with free(). */
STORHOST_API int storhost_adapter_json(struct storhost_adapter *adapter, char **ret_json);

/* ---- logical units ---- */

struct storhost_unit_info {
    size_t size;
    unsigned path, target, lun;
    unsigned depth;      /* requests that the unit takes at once */
    uint8_t device_type; /* SCSI peripheral device type; 0: disk */
    bool has_blocks;     /* it is a disk, or a CD-ROM or other optical drive */
    bool removable;      /* its medium can be taken out */
    bool present;
    bool read_only;
    bool write_cache; /* a flush is needed for durability */
    bool can_trim, can_zero, can_fua;
    uint64_t block_count;
    uint32_t block_size; /* logical */
    uint32_t physical_block_size;
    uint32_t transfer_limit; /* bytes in one command; longer ones are split */
    char vendor[9], product[17], revision[5], serial[64];
    uint32_t rpmb_bytes;            /* of the unit's own replay-protected memory block; 0: none */
    uint32_t crypto_data_unit_size; /* 0: its data are not encrypted by the adapter */
    uint32_t crypto_index;          /* of the key */
};
/* index counts up from 0 in order of path, target, lun; NULL past the end. To be released. */
STORHOST_API struct storhost_unit *storhost_unit_get(struct storhost_adapter *adapter,
                                                     unsigned index);
STORHOST_API void storhost_unit_release(struct storhost_unit *unit);
/* Set info->size first. Reads capacity at first use, and asks a unit with a removable medium each
 * time whether it is there: call it from a thread that may block. After an error what describes the
 * medium is zero, the rest is there: -ENOMEDIUM (there is none now), -EOPNOTSUPP (a block size that
 * cannot be served), -EIO, ... */
STORHOST_API int storhost_unit_describe(struct storhost_unit *unit,
                                        struct storhost_unit_info *info);
/* "disk", "CD/DVD", "tape" ... for a SCSI peripheral device type. */
STORHOST_API const char *storhost_device_type_name(uint8_t device_type);
/* Why a unit cannot be read, for people, from the error of storhost_unit_describe. */
STORHOST_API const char *storhost_unit_problem(int error);

enum storhost_reset {
    STORHOST_RESET_UNIT,
    STORHOST_RESET_TARGET,
    STORHOST_RESET_BUS,
};
/* One tier of the reset ladder. Blocks until it is over. -EIO: the driver refused. */
STORHOST_API int storhost_unit_reset(struct storhost_unit *unit, enum storhost_reset reset,
                                     struct storhost_error *error);

/* ---- encryption that the adapter does by itself ---- */

#define STORHOST_CRYPTO_ANY UINT32_MAX
struct storhost_crypto_key {
    size_t size;
    const void *bytes; /* twice the capability's size for AES-XTS: both of its keys */
    size_t length;
    uint32_t capability;     /* as storhost_adapter_json lists them; STORHOST_CRYPTO_ANY: the first
                              * that takes a key of this length */
    uint32_t index;          /* of the engine's keys; STORHOST_CRYPTO_ANY: one that is free */
    uint32_t data_unit_size; /* bytes; 0: the unit's block size */
};
/* The driver gets the key, and the unit's reads and writes carry it from now on; what is under way
 * finishes before. It stays the unit's, over restarts, power-downs and while the unit is gone,
 * until it is evicted or the adapter stops; a copy is kept where no core dump has it. The caller's
 * bytes are not needed afterwards. -EOPNOTSUPP: the driver has no engine or takes no keys; -EINVAL,
 * -EBUSY, -ENOSPC, -EIO, -ETIMEDOUT. Blocks. */
STORHOST_API int storhost_unit_crypto_insert(struct storhost_unit *unit,
                                             const struct storhost_crypto_key *key,
                                             struct storhost_error *error);
/* Reads and writes carry none, and the driver's copy is overwritten. -ENOENT: the unit has none. */
STORHOST_API int storhost_unit_crypto_evict(struct storhost_unit *unit,
                                            struct storhost_error *error);

enum storhost_usage {
    STORHOST_USAGE_PAGING = 1,
    STORHOST_USAGE_HIBERNATION,
    STORHOST_USAGE_DUMP,
    STORHOST_USAGE_BOOT,
};
/* The system begins or ends to use the unit so; counted. While it pages, hibernates or dumps there,
 * the adapter is neither stopped nor powered down. -EIO: the driver refused. */
STORHOST_API int storhost_unit_usage(struct storhost_unit *unit, enum storhost_usage usage,
                                     bool in_use);

/* What class drivers do to a unit's queue. */
enum storhost_queue_operation {
    STORHOST_QUEUE_LOCK,    /* later requests wait, except those that bypass; counted */
    STORHOST_QUEUE_UNLOCK,  /* takes one lock back; -EINVAL without one */
    STORHOST_QUEUE_RELEASE, /* a frozen queue goes on */
    STORHOST_QUEUE_FLUSH,   /* what waits fails with STORHOST_CANCELLED; then as release */
    STORHOST_QUEUE_QUIESCE, /* returns when nothing of the unit is with the driver */
};
STORHOST_API int storhost_unit_queue(struct storhost_unit *unit,
                                     enum storhost_queue_operation operation);

/* ---- requests ---- */

struct storhost_queue;

/* A queue belongs to one thread at a time. `depth` requests of it can be under way at once; all
 * memory for them is taken here. */
STORHOST_API int storhost_queue_create(struct storhost_queue **ret_queue, unsigned depth);
STORHOST_API void storhost_queue_destroy(struct storhost_queue *queue);

enum storhost_status {
    STORHOST_OK,
    STORHOST_CHECK_CONDITION, /* look at sense */
    STORHOST_SCSI_ERROR,      /* another SCSI status than GOOD */
    STORHOST_NO_DEVICE,
    STORHOST_TIMED_OUT,
    STORHOST_CANCELLED,
    STORHOST_TOO_LARGE,
    STORHOST_NO_MEMORY,
    STORHOST_NOT_POWERED, /* STORHOST_NO_KEEP_AWAKE, and the adapter is powered down */
    STORHOST_UNSUPPORTED, /* the driver's kind of request cannot carry the command */
    STORHOST_FAILED,      /* the miniport's srb_status says what */
};

struct storhost_result {
    enum storhost_status status;
    uint8_t srb_status, scsi_status;
    uint32_t transferred; /* bytes */
    const uint8_t *sense; /* valid during the callback */
    size_t sense_length;
    bool queue_frozen; /* by this error: STORHOST_QUEUE_RELEASE lets the unit go on */
};
typedef void (*storhost_done)(void *context, const struct storhost_result *result);

enum storhost_direction { STORHOST_NO_DATA, STORHOST_DATA_IN, STORHOST_DATA_OUT };

/* What a command may ask for beside its CDB. */
enum storhost_command_flags {
    STORHOST_BYPASS_FROZEN = 1u << 0, /* goes through a frozen queue, ahead of what waits */
    STORHOST_BYPASS_LOCKED = 1u << 1, /* the same for a locked one */
    STORHOST_FREEZE = 1u << 2,        /* an error of it freezes the unit's queue */
    STORHOST_NO_AUTOSENSE = 1u << 3,
    STORHOST_ORDERED = 1u << 4, /* one of these three, or a simple tag */
    STORHOST_HEAD_OF_QUEUE = 1u << 5,
    STORHOST_UNTAGGED = 1u << 6,      /* runs alone on its unit */
    STORHOST_NO_KEEP_AWAKE = 1u << 7, /* fails while the adapter is powered down */
};

/* A raw SCSI command. The structure is read during the call; data and the iovec array stay the
 * caller's and valid until done. */
struct storhost_command {
    struct storhost_unit *unit;
    const uint8_t *cdb;
    uint8_t cdb_length; /* 1 to 32 */
    enum storhost_direction direction;
    const struct iovec *data;
    unsigned data_count;
    unsigned timeout_s; /* 0: default */
    unsigned flags;     /* enum storhost_command_flags */
    storhost_done done;
    void *context;
};
/* -EAGAIN: the queue's depth is used up, poll first. -EINVAL. Otherwise `done` comes exactly once,
 * in storhost_poll or storhost_wait of that queue, never inside this call. */
STORHOST_API int storhost_submit(struct storhost_queue *queue,
                                 const struct storhost_command *command);

/* One READ or WRITE command (10 bytes where that reaches, else 16) of whole blocks up to the
 * transfer limit, the fast way: no splitting, no retries. -EINVAL also when the unit has no blocks
 * or has been neither described nor read or written synchronously yet: its block size is not known
 * then. */
STORHOST_API int storhost_submit_read(struct storhost_queue *queue, struct storhost_unit *unit,
                                      uint64_t block, uint32_t block_count, void *buffer,
                                      storhost_done done, void *context);
STORHOST_API int storhost_submit_write(struct storhost_queue *queue, struct storhost_unit *unit,
                                       uint64_t block, uint32_t block_count, const void *buffer,
                                       storhost_done done, void *context);

/* Run callbacks of what has finished and return their number. `poll` never blocks; `wait` blocks
 * until something finished or timeout_ms passed (-1: no limit), and returns 0 at once when nothing
 * is under way. Requests submitted by callbacks start together afterwards. */
STORHOST_API unsigned storhost_poll(struct storhost_queue *queue);
STORHOST_API unsigned storhost_wait(struct storhost_queue *queue, int timeout_ms);

/* ---- a disk, synchronously: bytes, any alignment, any length ---- */

enum storhost_io_flags { STORHOST_FUA = 1u << 0, STORHOST_MAY_TRIM = 1u << 1 };

/* Block until done. Split to the adapter's limits; unaligned writes are atomic read-modify-write
 * with respect to each other; unit attentions and bus resets are retried a bounded number of times.
 * 0, or -EIO, -ENOMEDIUM, -ENOSPC, -EROFS, -EINVAL (beyond the end), -ENODEV, -ETIMEDOUT,
 * -EOPNOTSUPP. Threads may call at the same time; each call uses a queue of its own. */
STORHOST_API int storhost_read(struct storhost_unit *unit, void *buffer, size_t length,
                               uint64_t offset, unsigned flags);
STORHOST_API int storhost_write(struct storhost_unit *unit, const void *buffer, size_t length,
                                uint64_t offset, unsigned flags);
/* Durable on return: everything written before the call. An error also reports a write that was
 * lost after its acknowledgement, once. */
STORHOST_API int storhost_flush(struct storhost_unit *unit);
STORHOST_API int storhost_trim(struct storhost_unit *unit, uint64_t length, uint64_t offset,
                               unsigned flags);
STORHOST_API int storhost_zero(struct storhost_unit *unit, uint64_t length, uint64_t offset,
                               unsigned flags);

/* Memory that devices reach without copying. Any other memory works too. */
STORHOST_API void *storhost_buffer_allocate(size_t size);
STORHOST_API void storhost_buffer_free(void *buffer);

#ifdef __cplusplus
}
#endif

#endif
