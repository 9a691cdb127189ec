// zod as this room uses it: without compiled parsers. Compiling them costs more than half of the first parse (measured: 185 against
// 76 ms at start on a busy machine), and settings are parsed a handful of times in a box's life.

import { z } from 'zod';

z.config({ jitless: true });

export { z };
