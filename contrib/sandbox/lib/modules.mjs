// The modules of a baresip that is started: the packaged ones, and our own.

import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { basename } from 'node:path';

import { REPO } from './template.mjs';

/** Where the packaged baresip has its modules. */
const BARESIP_MODULES = process.env.MOD_PATH
	?? '/usr/lib/baresip/modules';

const ourModules = () => readdirSync(`${REPO}/modules`)
	.map((name) => `${REPO}/modules/${name}/${name}.so`).filter(existsSync);

/** baresip has one module path: the packaged modules and more in one folder. */
export function linkModules(dir, more = ourModules()) {
	rmSync(dir, { recursive: true, force: true });
	mkdirSync(dir);
	for (const name of readdirSync(BARESIP_MODULES))
		symlinkSync(`${BARESIP_MODULES}/${name}`, `${dir}/${name}`);
	for (const module of more) {
		rmSync(`${dir}/${basename(module)}`, { force: true });
		symlinkSync(module, `${dir}/${basename(module)}`);
	}
}
