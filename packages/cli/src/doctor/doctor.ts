import { native } from '@rsc/addon';
import { diagnose, factsOf, type Diagnosis } from '@rsc/core/doctor/diagnosis';
import type { Fact } from '@rsc/core/doctor/fact';
import { serverFact } from '@rsc/core/doctor/server-fact';
import { readToken } from '@rsc/core/token';
import { parseAddress } from '@rsc/core/transport/address';
import { resolveHost } from '../session/reach.js';
import { thisMachine } from './machine.js';
import { pageOf } from './page.js';

const EXIT_UNFIT = 125;

/** What a user asks of `rsc doctor`. */
export interface DoctorRequest {
  readonly server?: string | undefined;
  readonly 'token-file'?: string | undefined;
  readonly json?: boolean | undefined;
}

/** What `rsc doctor` prints, and its exit status. */
export interface Finding {
  readonly text: string;
  readonly status: number;
}

/** Looks at this machine, and at the server if one is named. Throws RscError for a mistake in the request. */
export async function examine(request: DoctorRequest): Promise<Finding> {
  const machine = thisMachine(native());
  const diagnosis = diagnose([...factsOf(machine), ...(await serverFacts(request))], machine.release);
  return {
    text: request.json ? asJson(diagnosis) : pageOf(diagnosis),
    status: diagnosis.engine === null ? EXIT_UNFIT : 0,
  };
}

async function serverFacts({ server, 'token-file': tokenFile }: DoctorRequest): Promise<Fact[]> {
  if (server === undefined) return [];
  const address = parseAddress(server);
  return [
    await serverFact(native(), {
      url: server,
      arch: 'x86_64',
      token: readToken(tokenFile),
      resolve: () => resolveHost(address, server),
    }),
  ];
}

function asJson(diagnosis: Diagnosis): string {
  return `${JSON.stringify(diagnosis, null, 2)}\n`;
}
