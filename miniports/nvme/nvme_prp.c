/*
 * Physical region pages: how a controller is told where memory is.
 *
 * Rule: every entry but the first is the start of a page, and every element of the port's list but
 * the last ends at the end of one. A list that breaks this is refused, never rounded. The PRP list
 * lies in the request's extension and is translated page by page, so that it may cross a page.
 */
#include "nvme_driver.h"

/* Writes entries into a request's list and links its pages. */
typedef struct _PRP_WRITER {
    PNVME_ADAPTER Adapter;
    PNVME_REQUEST Request;
    ULONG Pages;    /* Pages of data so far. */
    ULONG Position; /* The next free entry of the list. */
} PRP_WRITER;

static ULONGLONG AddressOf(PNVME_ADAPTER Adapter, PVOID Memory)
{
    ULONG length = 0;
    STOR_PHYSICAL_ADDRESS address = StorPortGetPhysicalAddress(Adapter, NULL, Memory, &length);

    return length != 0 ? (ULONGLONG)address.QuadPart : 0;
}

/*
 * Appends one entry. When it would be the first in a new page, the last entry of the page before
 * moves here and makes room for the link; so a list never ends with a link to nothing.
 */
static BOOLEAN PutListEntry(PRP_WRITER *Writer, ULONGLONG Entry)
{
    ULONGLONG *list = Writer->Request->List;
    ULONG position = Writer->Position;

    if (position >= NVME_LIST_ENTRIES) {
        return FALSE;
    }
    if (position > 0 && ((ULONG_PTR)&list[position] & NVME_PAGE_MASK) == 0) {
        ULONGLONG link = AddressOf(Writer->Adapter, &list[position]);

        if (link == 0 || position + 1 >= NVME_LIST_ENTRIES) {
            return FALSE;
        }
        list[position] = list[position - 1];
        list[position - 1] = link;
        position++;
    }
    list[position] = Entry;
    Writer->Position = position + 1;
    return TRUE;
}

static BOOLEAN PutPage(PRP_WRITER *Writer, ULONGLONG Address)
{
    Writer->Pages++;
    if (Writer->Pages == 1) {
        Writer->Request->Command.PRP1 = Address;
        return TRUE;
    }
    return PutListEntry(Writer, Address);
}

static BOOLEAN PutElement(PRP_WRITER *Writer, ULONGLONG Address, ULONG Length)
{
    while (Length != 0) {
        ULONG chunk = NVME_PAGE_BYTES - ((ULONG)Address & NVME_PAGE_MASK);

        if (chunk > Length) {
            chunk = Length;
        }
        if (!PutPage(Writer, Address)) {
            return FALSE;
        }
        Address += chunk;
        Length -= chunk;
    }
    return TRUE;
}

/* The second pointer is the second page, or the list when there are more. */
static BOOLEAN PutSecondPointer(PRP_WRITER *Writer)
{
    PNVME_REQUEST request = Writer->Request;

    if (Writer->Pages <= 2) {
        request->Command.PRP2 = Writer->Pages == 2 ? request->List[0] : 0;
        return TRUE;
    }
    request->Command.PRP2 = AddressOf(Writer->Adapter, request->List);
    return request->Command.PRP2 != 0;
}

BOOLEAN NvmeBuildPrps(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb, PNVME_REQUEST Request,
                      ULONG Length)
{
    PSTOR_SCATTER_GATHER_LIST list = StorPortGetScatterGatherList(Adapter, Srb);
    PRP_WRITER writer = {Adapter, Request, 0, 0};
    ULONG remaining = Length;
    ULONG index;

    if (list == NULL) {
        return FALSE;
    }
    for (index = 0; index < list->NumberOfElements && remaining != 0; index++) {
        ULONGLONG address = (ULONGLONG)list->List[index].PhysicalAddress.QuadPart;
        ULONG length = list->List[index].Length;

        if (length > remaining) {
            length = remaining;
        }
        /* The first page may start at any dword; all others start at their beginning. */
        if (address & (writer.Pages == 0 ? sizeof(ULONG) - 1 : NVME_PAGE_MASK)) {
            return FALSE;
        }
        if (!PutElement(&writer, address, length)) {
            return FALSE;
        }
        remaining -= length;
        if (remaining != 0 && ((address + length) & NVME_PAGE_MASK)) {
            return FALSE;
        }
    }
    return remaining == 0 && PutSecondPointer(&writer);
}

BOOLEAN NvmePointAtList(PNVME_ADAPTER Adapter, PNVME_REQUEST Request, ULONG Length)
{
    ULONG offset = (ULONG)((ULONG_PTR)Request->List & NVME_PAGE_MASK);
    PUCHAR next = (PUCHAR)Request->List + (NVME_PAGE_BYTES - offset);

    if (Length > sizeof(Request->List)) {
        return FALSE;
    }
    Request->Command.PRP1 = AddressOf(Adapter, Request->List);
    Request->Command.PRP2 = 0;
    if (Length > NVME_PAGE_BYTES - offset) {
        Request->Command.PRP2 = AddressOf(Adapter, next);
        return Request->Command.PRP1 != 0 && Request->Command.PRP2 != 0;
    }
    return Request->Command.PRP1 != 0;
}
