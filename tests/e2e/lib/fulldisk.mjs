// A disk of its own for a folder, which can be full.
//
//	const disk = mountDisk(path, '16m');
//	disk.fill();  disk.free();  disk.unmount();

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';

const FILL = '.fill';

class Disk {
	constructor(path) {
		this.path = path;
	}

	/** Until not a byte more goes into it. */
	fill() {
		for (let size = 1 << 20; size >= 512; size >>= 1) {
			try {
				for (let i = 0; ; i++)
					writeFileSync(`${this.path}/${FILL}${size}-${i}`,
						Buffer.alloc(size));
			} catch (error) {
				assert.equal(error.code, 'ENOSPC');
			}
		}
	}

	free() {
		for (const name of readdirSync(this.path))
			if (name.startsWith(FILL)) rmSync(`${this.path}/${name}`);
	}

	unmount() {
		execFileSync('umount', [this.path]);
	}
}

export function mountDisk(path, size) {
	mkdirSync(path, { recursive: true });
	execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', path]);
	return new Disk(path);
}
