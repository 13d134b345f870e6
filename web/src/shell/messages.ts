/** The texts of the frame around the views. */
export const messages = {
  ko: {
    shell: {
      home: "시작",
      menu: "메뉴",
      skip: "본문으로 건너뛰기",
      ownAccount: "내 계정",
      notOpened: "서버에 연결할 수 없어 열지 못했습니다. 다시 연결되면 한 번 더 누르세요.",
      welcome: "{name}님, 안녕하세요",
      welcomeHint: "무엇을 하시겠어요?",
      nothingGranted: "아직 받은 권한이 없습니다",
      nothingGrantedHint: "소속 기관의 관리자에게 역할을 부여해 달라고 요청하세요. 부여되면 이 화면에 메뉴가 나타납니다.",
      nowhere: "페이지를 찾을 수 없습니다",
      nowhereHint: "주소가 바뀌었거나 없는 페이지입니다.",
      offline: "서버에 연결할 수 없습니다. 다시 연결되면 계속할 수 있습니다.",
    },
  },
  en: {
    shell: {
      home: "Home",
      menu: "Menu",
      skip: "Skip to the content",
      ownAccount: "Your account",
      notOpened: "The page could not be opened, since the server cannot be reached. Try again once it is back.",
      welcome: "Hello, {name}",
      welcomeHint: "What would you like to do?",
      nothingGranted: "You have no permissions yet",
      nothingGrantedHint: "Ask an administrator of your organization to grant you a role. The menu appears here then.",
      nowhere: "Page not found",
      nowhereHint: "The address has changed, or the page never existed.",
      offline: "The server cannot be reached. You can continue as soon as it is back.",
    },
  },
};
