import type { Client } from "./client";

/** A hospital with departments on three levels and people in them, and what its ids are by name. */
export interface Hospital {
  readonly id: number;
  readonly name: string;
  readonly departments: Readonly<Record<string, number>>;
  readonly people: Readonly<Record<string, { readonly id: number; readonly email: string }>>;
}

export const password = "wonderland 2026";

const tree: Record<string, Record<string, string[]>> = {
  진료부: { 내과: ["심장내과", "소화기내과", "신장내과"], 외과: ["간담췌외과", "유방외과"], 응급의학과: [] },
  간호부: { 병동간호팀: ["51병동", "52병동", "61병동"], 외래간호팀: [] },
  행정부: { 총무팀: [], 원무팀: ["입원원무", "외래원무"], 전산팀: [] },
};

const people: readonly [name: string, mailbox: string, department: string, more?: object][] = [
  ["김하늘", "haneul.kim", "심장내과", { employee_number: "2019-0042", job: "간호사", title: "주임", joined_on: "2019-03-04" }],
  ["이서준", "seojun.lee", "심장내과"],
  ["박지우", "jiwoo.park", "내과", { employee_number: "2008-0007", job: "의사", title: "교수", position: "내과 과장", joined_on: "2008-09-01", phone: "02-1234-5678" }],
  ["최민서", "minseo.choi", "51병동", { employee_number: "2015-0031", job: "간호사", title: "책임", position: "수간호사", employment: "on_leave" }],
  ["정도윤", "doyun.jung", "원무팀"],
  ["강예린", "yerin.kang", "전산팀"],
  ["윤시우", "siwoo.yoon", "응급의학과"],
];

/** Makes one by the API; its name keeps the tests of one worker apart. */
export async function makeHospital(client: Client, name: string): Promise<Hospital> {
  const { id } = await client.post("/organizations/", { name, description: "상급종합병원" });
  const departments: Record<string, number> = {};
  const add = async (department: string, parent: number | null) => {
    const code = `D${String(Object.keys(departments).length + 1).padStart(2, "0")}`;
    departments[department] = (await client.post("/departments/", { organization_id: id, parent_id: parent, name: department, code })).id;
    return departments[department];
  };
  for (const [division, parts] of Object.entries(tree)) {
    const top = await add(division, null);
    for (const [part, teams] of Object.entries(parts)) {
      const middle = await add(part, top);
      for (const team of teams) await add(team, middle);
    }
  }
  const made: Record<string, { id: number; email: string }> = {};
  for (const [fullName, mailbox, department, more] of people) {
    const email = `${mailbox}.${id}@hanbit.example`;
    made[fullName] = { id: (await client.post("/users/", { email, full_name: fullName, password, organization_id: id, department_id: departments[department], ...more })).id, email };
  }
  return { id, name, departments, people: made };
}

/** The id of a built-in role. */
export const roles = { systemAdministrator: 1, organizationAdministrator: 2, auditor: 3, member: 4 } as const;
