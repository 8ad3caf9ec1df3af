/* CBOR as chapter 03 allows it.
 *
 * Reading has two steps. cbor_check goes through all of the bytes once, by every rule of the chapter; after it a
 * reader only walks through what is known to be good, and still never leaves its bytes. */
#ifndef CLOCK_CBOR_H
#define CLOCK_CBOR_H

#include "base.h"

enum { CBOR_UINT, CBOR_NINT, CBOR_BYTES, CBOR_TEXT, CBOR_ARRAY, CBOR_MAP, CBOR_TAG, CBOR_SIMPLE, CBOR_END = -1 };

/* One item exactly: R_NONE, R_MALFORMED or R_LIMIT. */
int cbor_check(span bytes);
/* One item or more, by section 3.5. */
int cbor_check_sequence(span bytes);
/* Length of the first item of bytes that may go on, 0 where it is none. */
size_t cbor_first(span bytes);

/* Walks through checked bytes. bad stays set from the first thing that is not what was asked for. */
typedef struct { span rest; bool bad; } reader;

reader cbor_read(span bytes);
int cbor_peek(const reader *r);            /* major type of the next item, CBOR_END behind the last */
uint64_t cbor_uint(reader *r, uint64_t least, uint64_t most);
int64_t cbor_int(reader *r);               /* an integer; one that does not fit 64 bits is bad */
span cbor_bytes(reader *r);
span cbor_bytes_of(reader *r, size_t n);   /* exactly n bytes */
size_t cbor_array(reader *r);              /* number of elements */
size_t cbor_map(reader *r);                /* number of pairs */
bool cbor_bool(reader *r);
span cbor_item(reader *r);                 /* the next item whole, as it stands */
bool cbor_done(const reader *r);           /* nothing was bad and nothing is left */

/* Writes into a buffer; full is set when it does not fit, and nothing is written from then on. */
typedef struct { uint8_t *p; size_t n, most; bool full; } writer;

writer cbor_write(uint8_t *p, size_t most);
void put_uint(writer *w, uint64_t v);
void put_int(writer *w, int64_t v);
void put_bytes(writer *w, span s);
void put_bytes_head(writer *w, size_t n);
void put_array(writer *w, size_t n);
void put_map(writer *w, size_t n);
void put_raw(writer *w, span s);           /* encoded bytes as they are */
span written(const writer *w);

#endif
