/** What the views of organizations and departments say. */
export const messages = {
  ko: {
    organization: {
      organizations: "기관",
      organizationsHint: "병원과 공공기관을 등록하고 고칩니다",
      name: "이름",
      description: "설명",
      created: "등록",
      updated: "수정",
      new: "기관 등록",
      edit: "기관 수정",
      searchOrganizations: "이름이나 설명으로 찾기",
      empty: "등록된 기관이 없습니다",
      deleteTitle: "기관 삭제",
      deleteText: "‘{name}’을(를) 삭제할까요? 되돌릴 수 없습니다.",
    },
    problems: {
      organization: {
        not_found: "그런 기관이 없습니다.",
        name_taken: "같은 이름의 기관이 이미 있습니다.",
        has_departments: "부서가 남아 있어 삭제할 수 없습니다. 부서를 먼저 삭제하세요.",
      },
      department: {
        not_found: "그런 부서가 없습니다.",
        code_taken: "이 기관에 같은 코드의 부서가 이미 있습니다.",
        has_departments: "하위 부서가 남아 있습니다. 먼저 옮기거나 삭제하세요.",
        move_into_own_subtree: "부서를 자기 아래로 옮길 수 없습니다.",
        too_deep: "부서는 32단계까지만 둘 수 있습니다.",
      },
    },
  },
  en: {
    organization: {
      organizations: "Organizations",
      organizationsHint: "Hospitals and public institutions: register and change them",
      name: "Name",
      description: "Description",
      created: "Created",
      updated: "Changed",
      new: "New organization",
      edit: "Edit organization",
      searchOrganizations: "Find by name or description",
      empty: "There are no organizations yet",
      deleteTitle: "Delete the organization",
      deleteText: "Delete “{name}”? This cannot be undone.",
    },
    problems: {
      organization: {
        not_found: "Organization not found",
        name_taken: "Organization name already exists",
        has_departments: "The organization still has departments: delete them first",
      },
      department: {
        not_found: "Department not found",
        code_taken: "Department code already exists in this organization",
        has_departments: "The department still has departments below it: move or delete them first",
        move_into_own_subtree: "A department cannot be moved below itself",
        too_deep: "Departments can be at most 32 levels deep",
      },
    },
  },
};
