return { reply, edit, withdraw, report, thinksAgain, count, showCount, picks: pickedAlone };
};
