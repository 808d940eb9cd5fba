return { reply, edit, moderate, withdraw, report, thinksAgain, count, showCount, picks: pickedAlone };
};
