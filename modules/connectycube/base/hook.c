/**
 * @file base/hook.c  A function that one library calls, answered by us
 *
 *   libre --> its table of addresses --> libc's function
 *                     `-- hook --------> ours
 *
 * What a shared library calls of others it calls by a table of addresses that
 * the dynamic linker fills in (ELF's global offset table). One address in the
 * table of one library is changed here: nobody else's calls are, nor is any
 * code. Where there is no such table (all is one static program, say), nothing
 * is changed and the caller is told.
 */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <re.h>
#include "hook.h"


#if __ELF_NATIVE_CLASS == 64
#define SYM_OF(info) ELF64_R_SYM(info)
#else
#define SYM_OF(info) ELF32_R_SYM(info)
#endif


/** A file that the dynamic linker has loaded */
struct object {
	uintptr_t in;           /**< An address within it                  */
	uintptr_t base;         /**< Where it was loaded                   */
	uintptr_t end;          /**< Where it ends                         */
	const ElfW(Dyn) *dyn;   /**< Its tables                            */
	uintptr_t ro;           /**< Written by the linker, then read-only */
	uintptr_t ro_end;       /**< End of these, a page's                */
};


static uintptr_t page_of(uintptr_t addr)
{
	return addr & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1);
}


static int object_handler(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct object *o = arg;
	bool here = false;
	int i;
	(void)size;

	o->base = info->dlpi_addr;
	o->dyn  = NULL;
	o->end  = o->ro = o->ro_end = 0;

	for (i=0; i<info->dlpi_phnum; i++) {

		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
		const uintptr_t start = o->base + ph->p_vaddr;

		if (ph->p_type == PT_LOAD) {
			here |= o->in - start < ph->p_memsz;
			o->end = max(o->end, start + ph->p_memsz);
		}
		else if (ph->p_type == PT_DYNAMIC)
			o->dyn = (const void *)start;
		else if (ph->p_type == PT_GNU_RELRO) {
			o->ro     = page_of(start);
			o->ro_end = page_of(start + ph->p_memsz);
		}
	}

	return here;
}


static uintptr_t dyn_val(const struct object *o, ElfW(Sxword) tag)
{
	const ElfW(Dyn) *d;

	for (d = o->dyn; d->d_tag != DT_NULL; ++d) {
		if (d->d_tag == tag)
			return d->d_un.d_val;
	}

	return 0;
}


/* On some machines the linker leaves them relative */
static const void *dyn_ptr(const struct object *o, ElfW(Sxword) tag)
{
	const uintptr_t p = dyn_val(o, tag);

	return (const void *)(p && p < o->base ? o->base + p : p);
}


static void **find_in(const struct object *o, const char *name,
		      const void *table, size_t size, size_t step)
{
	const ElfW(Sym) *symv = dyn_ptr(o, DT_SYMTAB);
	const char *strv = dyn_ptr(o, DT_STRTAB);
	const char *p = table;

	if (!table || !symv || !strv)
		return NULL;

	for (; size >= step; size -= step, p += step) {

		/* ElfW(Rela) begins as this one does */
		const ElfW(Rel) *rel = (const void *)p;
		const size_t sym = SYM_OF(rel->r_info);

		if (sym && !strcmp(&strv[symv[sym].st_name], name))
			return (void **)(o->base + rel->r_offset);
	}

	return NULL;
}


static void **find_slot(const struct object *o, const char *name)
{
	void **slot;

	slot = find_in(o, name, dyn_ptr(o, DT_JMPREL),
		       dyn_val(o, DT_PLTRELSZ),
		       dyn_val(o, DT_PLTREL) == DT_RELA
		       ? sizeof(ElfW(Rela)) : sizeof(ElfW(Rel)));
	if (!slot)
		slot = find_in(o, name, dyn_ptr(o, DT_RELA),
			       dyn_val(o, DT_RELASZ), sizeof(ElfW(Rela)));
	if (!slot)
		slot = find_in(o, name, dyn_ptr(o, DT_REL),
			       dyn_val(o, DT_RELSZ), sizeof(ElfW(Rel)));

	return slot;
}


/* Linked lazily, it is the linker's until the first call, which would put the
   function itself where ours is */
static void *function(const struct object *o, const char *name, void *fn)
{
	const uintptr_t addr = (uintptr_t)fn;
	void *real = addr >= o->base && addr < o->end ?
		dlsym(RTLD_DEFAULT, name) : NULL;

	return real ? real : fn;
}


static int put(const struct hook *h, void *fn)
{
	void *page = (void *)page_of((uintptr_t)h->slot);
	const size_t size = (size_t)sysconf(_SC_PAGESIZE);

	if (h->fixed && mprotect(page, size, PROT_READ | PROT_WRITE))
		return errno;

	/* at once, for who calls it in another thread */
	__atomic_store_n(h->slot, fn, __ATOMIC_SEQ_CST);

	if (h->fixed)
		(void)mprotect(page, size, PROT_READ);

	return 0;
}


/**
 * Answer a function that a library calls
 *
 * @param h    Hook, all zero; to be cleared before our code is unloaded
 * @param in   Any address in the library
 * @param name Name of the function
 * @param fn   Ours, of the same type
 *
 * @return 0 if success; ENOENT if it calls none of this name in a way that
 *         can be answered; the errors of mprotect()
 */
int hook_set(struct hook *h, const void *in, const char *name, void *fn)
{
	struct object o = {.in = (uintptr_t)in};
	uintptr_t addr;
	int err;

	if (!h || h->slot || !in || !name || !fn)
		return EINVAL;

	if (!dl_iterate_phdr(object_handler, &o) || !o.dyn)
		return ENOENT;

	h->slot = find_slot(&o, name);
	if (!h->slot)
		return ENOENT;

	addr = (uintptr_t)h->slot;
	h->old   = function(&o, name, *h->slot);
	h->fixed = addr >= o.ro && addr < o.ro_end;

	err = put(h, fn);
	if (err)
		h->slot = NULL;

	return err;
}


/**
 * Let the library call what it called before
 *
 * @param h Hook, may be none
 */
void hook_clear(struct hook *h)
{
	if (!h->slot)
		return;

	(void)put(h, h->old);
	h->slot = NULL;
}
